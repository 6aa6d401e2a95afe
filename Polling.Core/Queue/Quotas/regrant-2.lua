-- regrant: moves a grant that was not used yet to now, when its request had to wait, for its connection say. It is charged
-- no second time: the call leaves the second that it was granted in and enters this one, which so holds no more than before.
-- The calls in five minutes and a month keep it where it was: their margin of 2 s covers one move, so an attempt is moved once.
--
-- KEYS[1] window    attempt -> time of the grant, us (acquire-6.lua)
-- KEYS[2] in flight attempt -> expiry, ms
-- ARGV[1] attempt
-- ARGV[2] the longest that it can be in flight from now on, ms
-- ARGV[3] window of calls a second, us (a second and the margin)
--
-- Returns 1 moved, 0 too late: others may have been granted its place, and it must be acquired anew
-- @include now
-- @include numbers
local granted_us = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not granted_us or tonumber(granted_us) <= now_us - tonumber(ARGV[3]) or not redis.call('ZSCORE', KEYS[2], ARGV[1]) then
  return 0
end
redis.call('ZADD', KEYS[1], int(now_us), ARGV[1])
redis.call('PEXPIRE', KEYS[1], math.ceil(tonumber(ARGV[3]) / 1000) + 1000)
local until_ms = now_ms + tonumber(ARGV[2])
redis.call('ZADD', KEYS[2], int(until_ms), ARGV[1])
if redis.call('PTTL', KEYS[2]) < tonumber(ARGV[2]) + 1000 then
  redis.call('PEXPIRE', KEYS[2], int(tonumber(ARGV[2]) + 1000))
end
return 1
