-- wake: which accounts have something to promote now, and when the next one will.
--
-- KEYS[1] wake  account id -> next due time, ms
-- ARGV[1] at most so many accounts
--
-- Returns { now ms, ms until the next account is due (0 = some are due, -1 = nothing is scheduled), account id... }
-- @include now
-- @include numbers
local head = redis.call('ZRANGE', KEYS[1], 0, tonumber(ARGV[1]) - 1, 'WITHSCORES')
if #head == 0 then
  return { now_ms, -1 }
end
local reply = { now_ms, 0 }
for i = 1, #head, 2 do
  if tonumber(head[i + 1]) > now_ms then
    break
  end
  reply[#reply + 1] = head[i]
end
if #reply == 2 then
  reply[2] = math.ceil(tonumber(head[2]) - now_ms)
end
return reply
