-- return: gives a claimed call back that was not sent (refused by the account's quota, or the process stops). Its
-- cards go back to the schedule with the due times that they had there, those asked for by hand are asked for again, first of
-- all; its permit ends at once, its attempts are unchanged. The account is not promoted again before the given
-- time, so a throttled account does not spin; manual work, which may use more of the budgets, is held back only
-- when the refused call was its own.
--
-- KEYS[1] epoch     { epoch, fence, run_id }
-- KEYS[2] leases    call -> expiry, ms
-- KEYS[3] calls     call -> payload (payload.lua)
-- KEYS[4] permits   call -> expiry, ms
-- KEYS[5] current   number of permits held
-- KEYS[6] wake      account id -> next due time, ms
-- KEYS[7] schedule  of the call's account
-- KEYS[8] fair      { b: polling and bm: manual work refused until, c: what due cards wait for, x: refusals } (promote-10.lua)
-- KEYS[9] manual    one element for each waiting request: its account
-- KEYS[10] requests of the call's account: "<card> <requested ms> <trigger>"
-- ARGV[1] epoch
-- ARGV[2] call
-- ARGV[3] ms until the account may be promoted again
-- ARGV[4] what its cards wait for: q = quota, b = breaker, - = neither
-- ARGV[5] 1 = promotion admits faster than the account's budget carries
--
-- Returns { 1, cards } or { 0 } no such lease (expired, or already returned) or { -1 } another epoch
-- @include now
-- @include numbers
-- @include epoch
-- @include payload
-- @include permits
local payload = redis.call('HGET', KEYS[3], ARGV[2])
if not payload then
  return { 0 }
end
local account_id, _, _, _, _, list, by = payload_parse(payload)
local words, triggers, adds = payload_words(list), payload_words(by), {}
for i = 1, #words, 2 do
  adds[i] = words[i + 1]
  adds[i + 1] = words[i]
end
for i = #triggers, 1, -1 do
  if triggers[i] ~= '-' then
    -- It is asked for again, and not due by itself before its time: else polling would ask it, and its request would end as one of a
    -- card that is under way.
    local trigger, due_ms = string.match(triggers[i], '^([^@]+)@?(%d*)$')
    if due_ms ~= '' then
      adds[2 * i - 1] = due_ms
    end
    redis.call('LPUSH', KEYS[10], words[2 * i - 1] .. ' ' .. words[2 * i] .. ' ' .. trigger)
    redis.call('LPUSH', KEYS[9], account_id)
  end
end
local until_ms = now_ms + tonumber(ARGV[3])
redis.call('HSET', KEYS[8], 'b:' .. account_id, int(until_ms))
if #triggers > 0 then
  redis.call('HSET', KEYS[8], 'bm:' .. account_id, int(until_ms))
end
if ARGV[4] ~= '-' then
  redis.call('HSET', KEYS[8], 'c:' .. account_id, ARGV[4])
end
if ARGV[5] == '1' then
  redis.call('HINCRBY', KEYS[8], 'x:' .. account_id, 1)
end
redis.call('ZADD', KEYS[7], unpack(adds))
redis.call('ZADD', KEYS[6], 'LT', int(until_ms), account_id)
redis.call('ZREM', KEYS[2], ARGV[2])
redis.call('HDEL', KEYS[3], ARGV[2])
redis.call('ZREM', KEYS[4], ARGV[2])
permits_publish(KEYS[4], KEYS[5], now_ms)
return { 1, math.floor(#adds / 2) }
