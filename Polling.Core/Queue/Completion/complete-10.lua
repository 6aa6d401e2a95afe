-- complete: ends calls' leases after their results are durable, and gives every card of them its next due time. Interval,
-- account and "still polled" are read here, never taken from the executor: a card that was moved or stopped meanwhile
-- is not brought back. Each call is completed whole or not at all.
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
-- KEYS[11..]        schedules of the accounts of ARGV[5..], then of each card its card cache bucket
-- ARGV[1] epoch
-- ARGV[2] bit of the task type in the facts' flags (1, 2, 4)
-- ARGV[3] failures of a card's own that put it into quarantine
-- ARGV[4] number of accounts; then their ids
-- then    number of calls; then for each: its name, duration of the gateway call, ms, its number of cards
-- then    for each card, 1..1000 in all: card id, its field in the bucket
-- then    for each card that was not simply checked: its position (1 = the first), outcome: 1 = checked, 2 = failed,
--         3 = not asked, 4 = failed by itself; facts as committed in PostgreSQL ('' = unchanged); ms until a failed one is asked again
--
-- Returns { -1 } another epoch, nothing changed, or { 1, then for each call: code, detail }:
--   1, 0 = completed                           -2, 0 = no such lease (completed before, or expired): nothing changed
--   -3, cards in the lease = another number of cards, nothing changed
--   -4, account id = a card is another account's: name it too; nothing changed
-- @include now
-- @include numbers
-- @include epoch
-- @include card
-- @include account
-- @include grid
-- @include permits
-- @include quarantine
local bit, failures_max, accounts = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local schedules = {}
for i = 1, accounts do
  schedules[tonumber(ARGV[4 + i])] = KEYS[10 + i]
end
local first_call = 6 + accounts
local calls = tonumber(ARGV[first_call - 1])
local first_card, first_bucket = first_call + calls * 3, 11 + accounts
local names, counts, cards = {}, {}, 0
for c = 1, calls do
  names[c] = ARGV[first_call + c * 3 - 3]
  counts[c] = tonumber(ARGV[first_call + c * 3 - 1])
  cards = cards + counts[c]
end
local exceptions = {}
for at = first_card + cards * 2, #ARGV, 4 do
  exceptions[tonumber(ARGV[at])] = at
end

-- What cards of the same flags, account, status and package have in common.
local parsed, groups, alike = {}, {}, {}
local function look(facts, head)
  local account_id = card_account(facts)
  if parsed[account_id] == nil then
    local entry = redis.call('HGET', KEYS[7], int(account_id))
    parsed[account_id] = entry and account_parse(entry) or false
  end
  local interval_ms = parsed[account_id] and account_interval(parsed[account_id], facts) or 0
  local group = groups[account_id]
  if not group and schedules[account_id] then
    group = { adds = {}, soonest = math.huge }
    groups[account_id] = group
  end
  local found = {
    account_id = account_id, interval_ms = interval_ms, group = group,
    earliest = interval_ms > 0 and grid_earliest(interval_ms, now_ms), reflag = card_is_placed(facts, bit) ~= (interval_ms > 0)
  }
  alike[head] = found
  return found
end

local reply, ended, answered_calls, success, failed, duration = { 1 }, {}, 0, 0, 0, 0
local any_failures, recovered = redis.call('EXISTS', KEYS[9]) == 1, {}
local held_of, facts_of, found_of = {}, {}, {}

-- The code of a call that cannot be completed, and its detail.
local function check(name, first, last)
  local leased = tonumber(string.match(name, ':(%d+)$'))
  if leased ~= last - first + 1 then
    return -3, leased
  end
  for i = first, last do
    -- A card that the cache does not know was deleted: its place ends here.
    local held = redis.call('HGET', KEYS[first_bucket + i - 1], ARGV[first_card + i * 2 - 1])
    local facts, found = held, false
    if held then
      if exceptions[i] then
        facts = card_newer(held, ARGV[exceptions[i] + 2])
      end
      local head = string.sub(facts, 1, 7)
      found = alike[head] or look(facts, head)
      if found.interval_ms > 0 and not found.group then
        return -4, found.account_id
      end
    end
    held_of[i], facts_of[i], found_of[i] = held, facts, found
  end
  return 1, 0
end

-- Only writes that cannot fail.
local function finish(first, last)
  for i = first, last do
    local id_text, found, exception = ARGV[first_card + i * 2 - 2], found_of[i], exceptions[i]
    local interval_ms = found and found.interval_ms or 0
    local outcome = exception and ARGV[exception + 1] or '1'
    local due_ms
    if outcome == '1' then
      success = success + 1
      if any_failures then
        recovered[#recovered + 1] = id_text
      end
      due_ms = interval_ms > 0 and grid_at(tonumber(id_text), interval_ms, found.earliest)
    elseif outcome == '3' then
      due_ms = interval_ms > 0 and now_ms
    else
      failed = failed + 1
      local aside = interval_ms > 0 and outcome == '4' and quarantine_count(KEYS[9], KEYS[10], id_text, failures_max, now_ms)
      due_ms = interval_ms > 0 and not aside and now_ms + math.min(tonumber(ARGV[exception + 3]), interval_ms)
    end
    if found and (exception or found.reflag) then
      local after = card_with_placed(facts_of[i], bit, interval_ms > 0)
      if after ~= held_of[i] then
        redis.call('HSET', KEYS[first_bucket + i - 1], ARGV[first_card + i * 2 - 1], after)
      end
    end
    if due_ms then
      local group = found.group
      local adds = group.adds
      local n = #adds
      adds[n + 1] = int(due_ms)
      adds[n + 2] = id_text
      if due_ms < group.soonest then
        group.soonest = due_ms
      end
    end
  end
end

-- A call may be named twice: by somebody who asks again.
local leases, over = redis.call('ZMSCORE', KEYS[2], unpack(names)), {}
local first = 1
for c = 1, calls do
  local last, code, detail = first + counts[c] - 1, -2, 0
  if leases[c] and not over[names[c]] then
    code, detail = check(names[c], first, last)
    if code == 1 then
      local answered = success + failed
      finish(first, last)
      over[names[c]] = true
      ended[#ended + 1] = names[c]
      answered = success + failed - answered
      answered_calls = answered_calls + (answered > 0 and 1 or 0)
      duration = duration + tonumber(ARGV[first_call + c * 3 - 2]) * answered
    end
  end
  reply[c * 2], reply[c * 2 + 1] = code, detail
  first = last + 1
end
if #ended == 0 then
  return reply
end

for account_id, group in pairs(groups) do
  if #group.adds > 0 then
    redis.call('ZADD', schedules[account_id], unpack(group.adds))
    redis.call('ZADD', KEYS[6], 'LT', int(group.soonest), int(account_id))
  end
end
if #recovered > 0 then
  redis.call('HDEL', KEYS[9], unpack(recovered))
end
redis.call('ZREM', KEYS[2], unpack(ended))
redis.call('HDEL', KEYS[3], unpack(ended))
if redis.call('ZREM', KEYS[4], unpack(ended)) > 0 then
  permits_publish(KEYS[4], KEYS[5], now_ms)
end
if success + failed > 0 then
  local minute = int(math.floor(now_ms / 60000))
  redis.call('HINCRBY', KEYS[8], minute .. ':success', success)
  redis.call('HINCRBY', KEYS[8], minute .. ':failed', failed)
  redis.call('HINCRBY', KEYS[8], minute .. ':calls', answered_calls)
  redis.call('HINCRBY', KEYS[8], minute .. ':duration_ms', int(duration))
end
return reply
