-- renew: lengthens leases whose calls are still being worked on. Who renews in time keeps its cards; a lease that was put
-- back meanwhile stays lost.
--
-- KEYS[1] epoch   { epoch, fence, run_id }
-- KEYS[2] leases  call -> expiry, ms
-- ARGV[1] epoch
-- ARGV[2] lease from now on, ms
-- ARGV[3..] calls, up to 500
--
-- Returns { 1, then for each call: 1 = renewed, 0 = lost } or { -1 } another epoch
-- @include now
-- @include numbers
-- @include epoch
local reply, expiry = { 1 }, int(now_ms + tonumber(ARGV[2]))
for i = 3, #ARGV do
  local held = redis.call('ZSCORE', KEYS[2], ARGV[i])
  if held then
    redis.call('ZADD', KEYS[2], expiry, ARGV[i])
  end
  reply[#reply + 1] = held and 1 or 0
end
return reply
