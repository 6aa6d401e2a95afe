-- place: gives cards a place (the schedule) for task types, and their facts to the cache that these share. Cards that already have a
-- place keep it; only newer facts are taken. So it may be repeated at will: initialisation, import and repair all use it.
--
-- KEYS[1] changes   card id -> number of the change of its facts (changes.lua)
-- KEYS[2] epoch     { epoch, fence, run_id } of the first task type
-- KEYS[3] accounts  account id -> entry (account.lua)
-- KEYS[4] wake      account id -> next due time, ms
-- KEYS[5] schedule  of this account: card id -> due time, ms
-- KEYS[6..]         the same four of each other task type, then the cards' cache buckets, each where the first of its cards stands
-- ARGV[1] account id
-- ARGV[2] spread of never checked cards, ms
-- ARGV[3] 1 = cards were not to be asked so far: none is due in the past
-- ARGV[4] number of task types, 1..3; then for each
--         epoch, its bit in the facts' flags (1, 2, 4)
-- then    for each card, 1..500
--         card id, facts, the times of its last check for each task type in ms (0 = never) with a blank between ('' = never for any).
--
-- Returns { 1, then for each task type: placed, refreshed, unchanged, not polled } or
--   { -1, task type } another epoch    { -2 } the account is not published
-- @include now
-- @include numbers
-- @include card
-- @include changes
-- @include account
-- @include grid
local account_id, spread_ms, afresh, types = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3] == '1', tonumber(ARGV[4])
local floor, char, sub, format = math.floor, string.char, string.sub, string.format
local accounts, bits, adds, placed, soonest, reply = {}, {}, {}, {}, {}, { 1 }
for t = 1, types do
  if redis.call('HGET', KEYS[4 * t - 2], 'epoch') ~= ARGV[3 + 2 * t] then
    return { -1, t }
  end
  local entry = redis.call('HGET', KEYS[4 * t - 1], ARGV[1])
  if not entry then
    return { -2 }
  end
  accounts[t], bits[t], adds[t], placed[t], soonest[t] = account_parse(entry), tonumber(ARGV[4 + 2 * t]), {}, 0, math.huge
  for n = 4 * t - 2, 4 * t + 1 do
    reply[n] = 0
  end
end

-- Of each bucket, by its first card: what it holds, and what is to be set there.
local buckets, sets, last_key = {}, {}, 4 * types + 1
local function bucket_read(first)
  local key, held = KEYS[last_key + #sets + 1], {}
  local entries = redis.call('HGETALL', key)
  for i = 1, #entries, 2 do
    held[tonumber(entries[i])] = entries[i + 1]
  end
  local set = { 'HSET', key }
  buckets[first], sets[#sets + 1] = { held = held, set = set, length = 2 }, set
  return buckets[first]
end

-- For each task type the interval of cards that are polled alike, ms; 0 = not polled.
local plans = {}
local function plan_of(head, facts)
  local plan, is_own = {}, card_account(facts) == account_id
  for t = 1, types do
    plan[t] = is_own and account_interval(accounts[t], facts) or 0
  end
  plans[head] = plan
  return plan
end

local changed = {}
for at = 5 + 2 * types, #ARGV, 3 do
  local id_text, facts, checked = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  local id = tonumber(id_text)
  local field = id % CARDS_PER_BUCKET
  local bucket = buckets[id - field] or bucket_read(id - field)
  local held = bucket.held[field]
  local is_newer, flags = false, 0
  if held then
    facts = card_newer(held, facts)
    is_newer, flags = facts ~= held, card_flags(facts)
    if is_newer then
      changed[#changed + 1] = id_text
    end
  end
  local head = sub(facts, 2, 7)
  local plan = plans[head] or plan_of(head, facts)
  local next_check = checked ~= '' and string.gmatch(checked, '%d+')
  local flags_after, known_span, due_ms, due_text = flags, nil, nil, nil
  for t = 1, types do
    local interval_ms, checked_ms = plan[t], next_check and tonumber(next_check()) or 0
    if flags > 0 and floor(flags / bits[t]) % 2 == 1 then
      -- It is scheduled, queued, leased or quarantined; a changed account is honoured when it is next claimed.
      local count = 4 * t - 1 + (is_newer and 0 or 1)
      reply[count] = reply[count] + 1
    elseif interval_ms > 0 then
      if checked_ms > 0 then
        local earliest_ms = grid_earliest(interval_ms, checked_ms)
        due_ms = grid_at(id, interval_ms, afresh and math.max(earliest_ms, now_ms) or earliest_ms)
        due_text, known_span = format('%d', due_ms), nil
      else
        -- Mostly the same for all task types.
        local span = interval_ms < spread_ms and interval_ms or spread_ms
        if span ~= known_span then
          due_ms = now_ms + grid_phase(id, span)
          due_text, known_span = format('%d', due_ms), span
        end
      end
      local into, n = adds[t], placed[t]
      into[2 * n + 1], into[2 * n + 2], placed[t] = due_text, id_text, n + 1
      if due_ms < soonest[t] then
        soonest[t] = due_ms
      end
      flags_after = flags_after + bits[t]
    else
      reply[4 * t + 1] = reply[4 * t + 1] + 1
    end
  end
  if flags_after ~= flags then
    facts = char(flags_after) .. sub(facts, 2)
  end
  if facts ~= held then
    local set, n = bucket.set, bucket.length
    set[n + 1], set[n + 2], bucket.length = format('%d', field), facts, n + 2
    bucket.held[field] = facts
  end
end

for _, set in ipairs(sets) do
  if #set > 2 then
    redis.call(unpack(set))
  end
end
changes_mark(KEYS[1], changed)
for t = 1, types do
  reply[4 * t - 2] = placed[t]
  if placed[t] > 0 then
    redis.call('ZADD', KEYS[4 * t + 1], unpack(adds[t]))
    redis.call('ZADD', KEYS[4 * t], 'LT', int(soonest[t]), ARGV[1])
  end
end
return reply
