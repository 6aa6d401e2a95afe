-- complete: ends calls' leases after their results are durable, and gives every card of them its next due time. The interval
-- is that of now. A card's account and status are what facts-2 has read, as long as the cache has not changed since, else they
-- are looked up here: a card that was moved or stopped meanwhile is not brought back. Each call is completed whole or not at all.
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
-- KEYS[11] changes  card id -> number of the change of its facts (changes.lua)
-- KEYS[12..]        schedules of the accounts of ARGV[5..], then of each card that is looked up its card cache bucket
-- ARGV[1] epoch
-- ARGV[2] bit of the task type in the facts' flags (1, 2, 4)
-- ARGV[3] failures of a card's own that put it into quarantine
-- ARGV[4] number of accounts; then their ids
-- then    number of calls; then for each: its name; duration of the gateway call, ms; the last change that was known when its
--         facts were read; its number of runs; and for each run: the first 7 bytes of its cards' facts, or '' = they are
--         looked up; its number of cards; their ids. 1..1000 cards in all
-- then    for each card that was not simply checked, in ascending positions: its position (1 = the first), outcome: 1 = checked,
--         2 = failed, 3 = not asked, 4 = failed by itself, 5 = checked, and due at a time of its own instead of its grid's; facts
--         as committed in PostgreSQL ('' = unchanged; only of cards that are looked up); ms until a failed one is asked again (its
--         interval at most), or until one of outcome 5 is due (1 s to 30 days)
--
-- Returns { -1 } another epoch, nothing changed, or { 1, then for each call: code, detail }:
--   1, 0 = completed                           -2, 0 = no such lease (completed before, expired, or deleted by hand): nothing changed
--   -3, cards in the lease = another number of cards, nothing changed
--   -4, account id = a card is another account's: name it too; nothing changed
--   -5, 0 = the facts have changed: ask again and let them be looked up; nothing changed
-- @include now
-- @include numbers
-- @include epoch
-- @include card
-- @include changes
-- @include account
-- @include grid
-- @include permits
-- @include quarantine
local call = redis.call
local bit, failures_max, accounts = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local schedules = {}
for i = 1, accounts do
  schedules[tonumber(ARGV[4 + i])] = KEYS[11 + i]
end
local calls, at, bucket = tonumber(ARGV[5 + accounts]), 6 + accounts, 12 + accounts

-- The calls, and their runs of cards.
local names, durations, seen, counts, runs_of, runs = {}, {}, {}, {}, {}, {}
local position = 0
for c = 1, calls do
  names[c], durations[c], seen[c] = ARGV[at], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  local first, cards = #runs + 1, 0
  local last = #runs + tonumber(ARGV[at + 3])
  at = at + 4
  for r = first, last do
    local head, count = ARGV[at], tonumber(ARGV[at + 1])
    runs[r] = { head = head, from = at + 2, to = at + 1 + count, position = position - at - 1, bucket = bucket - at - 2 }
    at, cards, position = at + 2 + count, cards + count, position + count
    if head == '' then
      bucket = bucket + count
    end
  end
  runs_of[c], counts[c] = { first, last }, cards
end
local DUE_MIN_MS, DUE_MAX_MS = 1000, 30 * 24 * 3600 * 1000
local exceptions, exceptional = {}, 1
for exception = at, #ARGV, 4 do
  local card = tonumber(ARGV[exception])
  exceptions[card] = exception
  while runs[exceptional].to + runs[exceptional].position < card do
    exceptional = exceptional + 1
  end
  runs[exceptional].has_exceptions = true
end

-- What cards of the same flags, account, status and package have in common.
local parsed, groups, alike = {}, {}, {}
local function look(head)
  local account_id = card_account(head)
  if parsed[account_id] == nil then
    local entry = call('HGET', KEYS[7], int(account_id))
    parsed[account_id] = entry and account_parse(entry) or false
  end
  local interval_ms = parsed[account_id] and account_interval(parsed[account_id], head) or 0
  local group = groups[account_id]
  if not group and schedules[account_id] then
    group = { adds = {}, soonest = math.huge }
    groups[account_id] = group
  end
  local found = {
    account_id = account_id, interval_ms = interval_ms, group = group,
    earliest = interval_ms > 0 and grid_earliest(interval_ms, now_ms), reflag = card_is_placed(head, bit) ~= (interval_ms > 0)
  }
  alike[head] = found
  return found
end

local reply, ended, answered_calls, success, failed, duration = { 1 }, {}, 0, 0, 0, 0
local any_failures, recovered = call('EXISTS', KEYS[9]) == 1, {}
local held_of, facts_of, found_of, changed = {}, {}, {}, {}

-- The code of a call that cannot be completed, and its detail.
local function check(c)
  local leased = tonumber(string.match(names[c], ':(%d+)$'))
  if leased ~= counts[c] then
    return -3, leased
  end
  for r = runs_of[c][1], runs_of[c][2] do
    local run = runs[r]
    if run.head ~= '' then
      local found = alike[run.head] or look(run.head)
      if found.interval_ms > 0 and not found.group then
        return -4, found.account_id
      end
      if found.reflag or changes_since(KEYS[11], seen[c], run.from, run.to) then
        return -5, 0
      end
      run.found = found
    else
      for i = run.from, run.to do
        -- A card that the cache does not know was deleted: its place ends here.
        local held = call('HGET', KEYS[i + run.bucket], int(tonumber(ARGV[i]) % CARDS_PER_BUCKET))
        local facts, found = held, false
        if held then
          local exception = exceptions[i + run.position]
          if exception then
            facts = card_newer(held, ARGV[exception + 2])
          end
          local head = card_head(facts)
          found = alike[head] or look(head)
          if found.interval_ms > 0 and not found.group then
            return -4, found.account_id
          end
        end
        held_of[i], facts_of[i], found_of[i] = held, facts, found
      end
    end
  end
  return 1, 0
end

-- Only writes that cannot fail.
local function finish(run)
  if run.found and not run.has_exceptions and not any_failures then
    -- Most runs: every card was answered, and none of their facts have changed.
    success = success + run.to - run.from + 1
    if run.found.interval_ms > 0 then
      local group = run.found.group
      group.soonest = math.min(group.soonest, grid_add(group.adds, run.from, run.to, run.found.interval_ms, run.found.earliest))
    end
    return
  end
  for i = run.from, run.to do
    local id_text, found, exception = ARGV[i], run.found or found_of[i], exceptions[i + run.position]
    local interval_ms = found and found.interval_ms or 0
    local outcome = exception and ARGV[exception + 1] or '1'
    local due_ms
    if outcome == '1' or outcome == '5' then
      success = success + 1
      if any_failures then
        recovered[#recovered + 1] = id_text
      end
      if interval_ms > 0 then
        due_ms = outcome == '1' and grid_at(tonumber(id_text), interval_ms, found.earliest)
          or now_ms + math.max(DUE_MIN_MS, math.min(DUE_MAX_MS, tonumber(ARGV[exception + 3])))
      end
    elseif outcome == '3' then
      due_ms = interval_ms > 0 and now_ms
    else
      failed = failed + 1
      local aside = interval_ms > 0 and outcome == '4' and quarantine_count(KEYS[9], KEYS[10], id_text, failures_max, now_ms)
      due_ms = interval_ms > 0 and not aside and now_ms + math.min(tonumber(ARGV[exception + 3]), interval_ms)
    end
    if found and not run.found and (exception or found.reflag) then
      local after = card_with_placed(facts_of[i], bit, interval_ms > 0)
      if after ~= held_of[i] then
        call('HSET', KEYS[i + run.bucket], int(tonumber(id_text) % CARDS_PER_BUCKET), after)
        changed[#changed + 1] = id_text
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
local leases, over = call('ZMSCORE', KEYS[2], unpack(names)), {}
for c = 1, calls do
  local code, detail = -2, 0
  if leases[c] and not over[names[c]] and call('HEXISTS', KEYS[3], names[c]) == 1 then
    code, detail = check(c)
    if code == 1 then
      local answered = success + failed
      for r = runs_of[c][1], runs_of[c][2] do
        finish(runs[r])
      end
      over[names[c]] = true
      ended[#ended + 1] = names[c]
      answered = success + failed - answered
      answered_calls = answered_calls + (answered > 0 and 1 or 0)
      duration = duration + durations[c] * answered
    end
  end
  reply[c * 2], reply[c * 2 + 1] = code, detail
end
if #ended == 0 then
  return reply
end

changes_mark(KEYS[11], changed)
for account_id, group in pairs(groups) do
  if #group.adds > 0 then
    call('ZADD', schedules[account_id], unpack(group.adds))
    call('ZADD', KEYS[6], 'LT', int(group.soonest), int(account_id))
  end
end
if #recovered > 0 then
  call('HDEL', KEYS[9], unpack(recovered))
end
call('ZREM', KEYS[2], unpack(ended))
call('HDEL', KEYS[3], unpack(ended))
if call('ZREM', KEYS[4], unpack(ended)) > 0 then
  permits_publish(KEYS[4], KEYS[5], now_ms)
end
if success + failed > 0 then
  local minute = int(math.floor(now_ms / 60000))
  call('HINCRBY', KEYS[8], minute .. ':success', success)
  call('HINCRBY', KEYS[8], minute .. ':failed', failed)
  call('HINCRBY', KEYS[8], minute .. ':calls', answered_calls)
  call('HINCRBY', KEYS[8], minute .. ':duration_ms', int(duration))
end
return reply
