-- locate: where a card is, all places looked at in one step. The leases are searched only for a card that is nowhere else.
--
-- KEYS[1] queue       card id -> chunk score
-- KEYS[2] chunks      chunk score -> payload (payload.lua)
-- KEYS[3] calls       call -> payload
-- KEYS[4] leases      call -> expiry, ms
-- KEYS[5] quarantine  card id -> since when, ms
-- KEYS[6] fair        p = when no permit was free last, ms, c:<account> = what its due cards wait for (promote-10.lua)
-- KEYS[7..]           schedules of all accounts
-- ARGV[1] card id
-- ARGV[2..]           the accounts' ids, in the order of KEYS[7..]
--
-- Returns { now ms, when no permit was free last, ms, place, ... } where the place is
--   's', account id, due ms, what its account's due cards wait for ('' = nothing)
--   'q', payload ('' = somebody deleted the chunk)
--   'l', call, expiry ms, payload
--   'x', since when, ms (quarantine)
--   '-' nowhere
-- @include now
-- @include numbers
-- @include payload
local id = ARGV[1]
local gone_ms = tonumber(redis.call('HGET', KEYS[6], 'p') or '0')
local score = redis.call('ZSCORE', KEYS[1], id)
if score then
  return { now_ms, gone_ms, 'q', redis.call('HGET', KEYS[2], int(tonumber(score))) or '' }
end
local since = redis.call('ZSCORE', KEYS[5], id)
if since then
  return { now_ms, gone_ms, 'x', math.floor(tonumber(since)) }
end
for i = 2, #ARGV do
  local due = redis.call('ZSCORE', KEYS[5 + i], id)
  if due then
    return { now_ms, gone_ms, 's', ARGV[i], math.floor(tonumber(due)), redis.call('HGET', KEYS[6], 'c:' .. ARGV[i]) or '' }
  end
end
local calls = redis.call('HGETALL', KEYS[3])
for i = 2, #calls, 2 do
  local _, _, _, _, _, list = payload_parse(calls[i])
  local words = list and string.find(' ' .. list, ' ' .. id .. ' ', 1, true) and payload_words(list) or {}
  for j = 1, #words, 2 do
    if words[j] == id then
      return { now_ms, gone_ms, 'l', calls[i - 1], math.floor(tonumber(redis.call('ZSCORE', KEYS[4], calls[i - 1]) or '0')), calls[i] }
    end
  end
end
return { now_ms, gone_ms, '-' }
