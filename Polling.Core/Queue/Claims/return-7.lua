-- return: gives a claimed call back that was not sent (refused by the account's quota, or the process stops). Its
-- cards go back to the schedule with their own due times, its permit ends at once, its attempts are unchanged; the
-- account is not promoted again before the given time, so a throttled account does not spin.
--
-- KEYS[1] epoch     { epoch, fence, run_id }
-- KEYS[2] leases    call -> expiry, ms
-- KEYS[3] calls     call -> payload (promote-6.lua)
-- KEYS[4] permits   call -> expiry, ms
-- KEYS[5] current   number of permits held
-- KEYS[6] wake      account id -> next due time, ms
-- KEYS[7] schedule  of the call's account
-- ARGV[1] epoch
-- ARGV[2] call
-- ARGV[3] ms until the account may be promoted again
--
-- Returns { 1, cards } or { 0 } no such lease (expired, or already returned) or { -1 } another epoch
-- @include now
-- @include numbers
-- @include epoch
-- @include permits
local payload = redis.call('HGET', KEYS[3], ARGV[2])
if not payload then
  return { 0 }
end
local account_id, list = string.match(payload, '^(%d+)|%d+|%d+|%d+|[^|]*|(.*)$')
local adds = {}
for id, due in string.gmatch(list, '(%d+) (%d+)') do
  adds[#adds + 1] = due
  adds[#adds + 1] = id
end
redis.call('ZADD', KEYS[7], unpack(adds))
redis.call('ZADD', KEYS[6], int(now_ms + tonumber(ARGV[3])), account_id)
redis.call('ZREM', KEYS[2], ARGV[2])
redis.call('HDEL', KEYS[3], ARGV[2])
redis.call('ZREM', KEYS[4], ARGV[2])
permits_publish(KEYS[4], KEYS[5], now_ms)
return { 1, math.floor(#adds / 2) }
