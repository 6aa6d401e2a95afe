-- complete: ends a call's lease after its results are durable, and gives every card of it its next due time. Interval,
-- account and "still polled" are read here, never taken from the executor: a card that was moved or stopped meanwhile
-- is not brought back.
--
-- KEYS[1] epoch     { epoch, fence, run_id }
-- KEYS[2] leases    call -> expiry, ms
-- KEYS[3] calls     call -> payload (payload.lua)
-- KEYS[4] permits   call -> expiry, ms
-- KEYS[5] current   number of permits held
-- KEYS[6] wake      account id -> next due time, ms
-- KEYS[7] accounts  account id -> entry (account.lua)
-- KEYS[8] minutes   "<minute>:<figure>" -> count (statistics by minute)
-- KEYS[9] failures  card id -> failures of its own since its last success (quarantine.lua)
-- KEYS[10] quarantine  card id -> since when, ms
-- KEYS[11..]        schedules of the accounts of ARGV[7..], then card cache buckets
-- ARGV[1] epoch
-- ARGV[2] call
-- ARGV[3] bit of the task type in the facts' flags (1, 2, 4)
-- ARGV[4] duration of the gateway call, ms
-- ARGV[5] failures of a card's own that put it into quarantine
-- ARGV[6] number of accounts; then their ids
-- then    number of cards, 1..500; then for each card
--         card id, number of its bucket (1 = the first after the schedules), outcome: 1 = checked, 2 = failed,
--         3 = not asked, 4 = failed by itself; facts as committed in PostgreSQL ('' = unchanged); ms until a failed one is asked again
--
-- Returns { 1, rescheduled, no longer polled, set aside } or, nothing changed,
--   { -1 } another epoch                       { -2 } no such lease (completed before, or expired)
--   { -3, cards in the lease } another number of cards   { -4, account id } a card is another account's: name it too
-- @include now
-- @include numbers
-- @include epoch
-- @include card
-- @include account
-- @include grid
-- @include permits
-- @include quarantine
local call, bit, accounts = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[6])
if not redis.call('ZSCORE', KEYS[2], call) then
  return { -2 }
end
local first = 8 + accounts
local count = tonumber(ARGV[first - 1])
local leased = tonumber(string.match(call, ':(%d+)$'))
if leased ~= count then
  return { -3, leased }
end

local schedules, parsed = {}, {}
for i = 1, accounts do
  schedules[tonumber(ARGV[6 + i])] = KEYS[10 + i]
end
local moves = {}
for i = 0, count - 1 do
  local at = first + i * 5
  local bucket = KEYS[10 + accounts + tonumber(ARGV[at + 1])]
  local id = tonumber(ARGV[at])
  local held = redis.call('HGET', bucket, int(id % 128))
  -- A card that the cache does not know was deleted: its place ends here.
  local facts = held and card_newer(held, ARGV[at + 3])
  local account_id = facts and card_account(facts)
  if account_id and parsed[account_id] == nil then
    local entry = redis.call('HGET', KEYS[7], int(account_id))
    parsed[account_id] = entry and account_parse(entry) or false
  end
  local interval_ms = account_id and parsed[account_id] and account_interval(parsed[account_id], facts) or 0
  if interval_ms > 0 and not schedules[account_id] then
    return { -4, account_id }
  end
  moves[i + 1] = { id, bucket, held, facts, account_id, interval_ms }
end

-- From here on only writes that cannot fail.
local adds, soonest, rescheduled, unpolled, aside, success, failed = {}, {}, 0, 0, 0, 0, 0
local any_failures = redis.call('EXISTS', KEYS[9]) == 1
for i = 0, count - 1 do
  local at, move = first + i * 5, moves[i + 1]
  local id, bucket, held, facts, account_id, interval_ms = move[1], move[2], move[3], move[4], move[5], move[6]
  local outcome = ARGV[at + 2]
  local due_ms, quarantined = false, false
  if outcome == '1' then
    success = success + 1
    if any_failures then
      redis.call('HDEL', KEYS[9], ARGV[at])
    end
    due_ms = interval_ms > 0 and grid_next(id, interval_ms, now_ms)
  elseif outcome == '3' then
    due_ms = interval_ms > 0 and now_ms
  else
    failed = failed + 1
    if interval_ms > 0 then
      quarantined = outcome == '4' and quarantine_count(KEYS[9], KEYS[10], ARGV[at], tonumber(ARGV[5]), now_ms)
      due_ms = not quarantined and now_ms + math.min(tonumber(ARGV[at + 4]), interval_ms)
    end
  end
  if facts then
    local after = card_with_placed(facts, bit, interval_ms > 0)
    if after ~= held then
      redis.call('HSET', bucket, int(id % 128), after)
    end
  end
  if quarantined then
    aside = aside + 1
  elseif due_ms then
    rescheduled = rescheduled + 1
    local list = adds[account_id]
    if not list then
      list = {}
      adds[account_id] = list
    end
    list[#list + 1] = int(due_ms)
    list[#list + 1] = ARGV[at]
    if not soonest[account_id] or due_ms < soonest[account_id] then
      soonest[account_id] = due_ms
    end
  else
    unpolled = unpolled + 1
  end
end
for account_id, list in pairs(adds) do
  redis.call('ZADD', schedules[account_id], unpack(list))
  redis.call('ZADD', KEYS[6], 'LT', int(soonest[account_id]), int(account_id))
end
redis.call('ZREM', KEYS[2], call)
redis.call('HDEL', KEYS[3], call)
if redis.call('ZREM', KEYS[4], call) == 1 then
  permits_publish(KEYS[4], KEYS[5], now_ms)
end
if success + failed > 0 then
  local minute = int(math.floor(now_ms / 60000))
  redis.call('HINCRBY', KEYS[8], minute .. ':success', success)
  redis.call('HINCRBY', KEYS[8], minute .. ':failed', failed)
  redis.call('HINCRBY', KEYS[8], minute .. ':calls', 1)
  redis.call('HINCRBY', KEYS[8], minute .. ':duration_ms', int(tonumber(ARGV[4]) * (success + failed)))
end
return { 1, rescheduled, unpolled, aside }
