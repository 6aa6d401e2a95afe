-- place: gives cards a place (the schedule) for task types, and their facts to the cache that these share. Cards that already have a
-- place keep it; only newer facts are taken. So it may be repeated at will: initialisation, import and repair all use it.
--
-- KEYS[1] changes   card id -> number of the change of its facts (changes.lua)
-- KEYS[2] epoch     { epoch, fence, run_id } of the first task type
-- KEYS[3] accounts  account id -> entry (account.lua)
-- KEYS[4] wake      account id -> next due time, ms
-- KEYS[5] schedule  of this account: card id -> due time, ms
-- KEYS[6..]         the same four of each other task type, then card cache buckets
-- ARGV[1] account id
-- ARGV[2] spread of never checked cards, ms
-- ARGV[3] 1 = cards were not to be asked so far: none is due in the past
-- ARGV[4] number of task types, 1..3; then for each
--         epoch, its bit in the facts' flags (1, 2, 4)
-- then    number of cards, 1..500; then for each card
--         card id, number of its bucket (1 = the first), facts, and for each task type the time of its last check in ms (0 = never)
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
local accounts, bits, adds, soonest, reply = {}, {}, {}, {}, { 1 }
for t = 1, types do
  if redis.call('HGET', KEYS[4 * t - 2], 'epoch') ~= ARGV[3 + 2 * t] then
    return { -1, t }
  end
  local entry = redis.call('HGET', KEYS[4 * t - 1], ARGV[1])
  if not entry then
    return { -2 }
  end
  accounts[t], bits[t], adds[t] = account_parse(entry), tonumber(ARGV[4 + 2 * t]), {}
  for n = 4 * t - 2, 4 * t + 1 do
    reply[n] = 0
  end
end

local changed, first_card, card_width, last_key = {}, 6 + 2 * types, 3 + types, 4 * types + 1
for i = 0, tonumber(ARGV[5 + 2 * types]) - 1 do
  local at = first_card + i * card_width
  local id_text, bucket, given = ARGV[at], KEYS[last_key + tonumber(ARGV[at + 1])], ARGV[at + 2]
  local id = tonumber(id_text)
  local field = int(id % CARDS_PER_BUCKET)
  local held = redis.call('HGET', bucket, field)
  local facts = card_newer(held, given)
  local is_newer = held and facts ~= held
  if is_newer then
    changed[#changed + 1] = id_text
  end
  local is_own, flags = card_account(facts) == account_id, card_flags(facts)
  local flags_after = flags
  for t = 1, types do
    local count = 4 * t - 2
    if held and math.floor(flags / bits[t]) % 2 == 1 then
      -- It is scheduled, queued, leased or quarantined; a changed account is honoured when it is next claimed.
      count = count + (is_newer and 1 or 2)
    else
      local interval_ms = is_own and account_interval(accounts[t], facts) or 0
      if interval_ms == 0 then
        count = count + 3
      else
        local checked_ms, due_ms = tonumber(ARGV[at + 2 + t]), nil
        if checked_ms > 0 then
          local earliest_ms = grid_earliest(interval_ms, checked_ms)
          due_ms = grid_at(id, interval_ms, afresh and math.max(earliest_ms, now_ms) or earliest_ms)
        else
          due_ms = now_ms + grid_phase(id, math.min(spread_ms, interval_ms))
        end
        local into = adds[t]
        into[#into + 1] = int(due_ms)
        into[#into + 1] = id_text
        if not soonest[t] or due_ms < soonest[t] then
          soonest[t] = due_ms
        end
        flags_after = flags_after + bits[t]
      end
    end
    reply[count] = reply[count] + 1
  end
  if flags_after ~= flags then
    facts = string.char(flags_after) .. string.sub(facts, 2)
  end
  if facts ~= held then
    redis.call('HSET', bucket, field, facts)
  end
end

changes_mark(KEYS[1], changed)
for t = 1, types do
  if soonest[t] then
    redis.call('ZADD', KEYS[4 * t + 1], unpack(adds[t]))
    redis.call('ZADD', KEYS[4 * t], 'LT', int(soonest[t]), ARGV[1])
  end
end
return reply
