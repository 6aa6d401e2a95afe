-- admitted: which calls in the queue ask cards for a trigger. What was asked for by hand lies at the queue's head, with scores below 0; it is
-- looked at call by call, whatever the number of cards.
--
-- KEYS[1] queue   card id -> chunk score
-- KEYS[2] chunks  chunk score -> payload (payload.lua)
-- ARGV[1] trigger
-- ARGV[2] -inf, or the score behind which to go on: "(<score>"
-- ARGV[3] at most so many calls are looked at
--
-- Returns { where to go on ('' = that were all), then for each call found: score, account, cards }; text each
-- @include numbers
-- @include payload
local wanted, after, found = ' ' .. ARGV[1] .. '@', ARGV[2], {}
for _ = 1, tonumber(ARGV[3]) do
  local head = redis.call('ZRANGEBYSCORE', KEYS[1], after, '(0', 'WITHSCORES', 'LIMIT', 0, 1)
  if #head == 0 then
    after = ''
    break
  end
  local score = int(tonumber(head[2]))
  local payload = redis.call('HGET', KEYS[2], score)
  if payload then
    local account_id, count, _, _, _, _, by = payload_parse(payload)
    if string.find(' ' .. by, wanted, 1, true) then
      found[#found + 1], found[#found + 2], found[#found + 3] = score, account_id, count
    end
  end
  after = '(' .. score
end
return { after, unpack(found) }
