-- acquire: charges an account right before a call is sent to its carrier; every attempt of every kind passes here.
-- Calls a second are counted in a sliding window that is longer than a second by a margin, so that jitter on the
-- way does not bring more than the permitted number into one second at the carrier. Asking again for the same
-- attempt is granted without being charged again.
--
-- KEYS[1] limits    { calls_per_second, max_in_flight, status }
-- KEYS[2] window    attempt -> time of the grant, us
-- KEYS[3] in flight attempt -> expiry, ms
-- ARGV[1] attempt
-- ARGV[2] total timeout of the call, ms; the longest that it can be in flight
-- ARGV[3] window, us (a second and the margin)
--
-- Returns { 1 } granted, or { 0, reason, retry after ms }; reasons: unknown, paused, rate, in_flight
-- @include now
-- @include numbers
local limits = redis.call('HMGET', KEYS[1], 'calls_per_second', 'max_in_flight', 'status')
if not limits[1] then
  return { 0, 'unknown', 1000 }
end
if limits[3] ~= '1' then
  return { 0, 'paused', 1000 }
end
if redis.call('ZSCORE', KEYS[2], ARGV[1]) then
  return { 1 }
end
local window_us = tonumber(ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', int(now_us - window_us))
if redis.call('ZCARD', KEYS[2]) >= tonumber(limits[1]) then
  local oldest = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')
  local retry_ms = oldest[2] and math.ceil((tonumber(oldest[2]) + window_us - now_us) / 1000) or 1000
  return { 0, 'rate', math.max(1, retry_ms) }
end
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', int(now_ms))
if redis.call('ZCARD', KEYS[3]) >= tonumber(limits[2]) then
  return { 0, 'in_flight', 50 }
end
redis.call('ZADD', KEYS[2], int(now_us), ARGV[1])
redis.call('PEXPIRE', KEYS[2], int(math.ceil(window_us / 1000) + 1000))
redis.call('ZADD', KEYS[3], int(now_ms + tonumber(ARGV[2])), ARGV[1])
redis.call('PEXPIRE', KEYS[3], int(tonumber(ARGV[2]) + 1000))
return { 1 }
