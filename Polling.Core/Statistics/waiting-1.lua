-- waiting: what waits for accounts, for people.
--
-- KEYS[1] fair  c:<account> = what its due cards wait for (promote-10.lua)
-- KEYS[2..]     of each account its schedule, its manual requests
-- ARGV          the accounts, 1..200
--
-- Returns for each account: cards scheduled, due ones, oldest due ms (0 = none is due), manual requests, letter of what its due cards wait
--   for ('' = nothing is noted); flat
-- @include now
-- @include numbers
local fields = {}
for i = 1, #ARGV do
  fields[i] = 'c:' .. ARGV[i]
end
local causes, reply, now_text = redis.call('HMGET', KEYS[1], unpack(fields)), {}, int(now_ms)
for i = 1, #ARGV do
  local schedule = KEYS[2 * i]
  local due, oldest_ms = redis.call('ZCOUNT', schedule, '-inf', now_text), 0
  if due > 0 then
    oldest_ms = math.floor(tonumber(redis.call('ZRANGE', schedule, 0, 0, 'WITHSCORES')[2]))
  end
  local n = #reply
  reply[n + 1], reply[n + 2], reply[n + 3] = redis.call('ZCARD', schedule), due, oldest_ms
  reply[n + 4], reply[n + 5] = redis.call('LLEN', KEYS[2 * i + 1]), causes[i] or ''
end
return reply
