-- place: gives cards a place (the schedule) and their facts to the cache. Cards that already have a place keep it;
-- only newer facts are taken. So it may be repeated at will: initialisation, import and repair all use it.
--
-- KEYS[1] epoch     { epoch, fence, run_id }
-- KEYS[2] accounts  account id -> entry (account.lua)
-- KEYS[3] wake      account id -> next due time, ms
-- KEYS[4] schedule  of this account: card id -> due time, ms
-- KEYS[5] changes   card id -> number of the change of its facts (changes.lua)
-- KEYS[6..]         card cache buckets
-- ARGV[1] epoch
-- ARGV[2] account id
-- ARGV[3] bit of the task type in the facts' flags (1, 2, 4)
-- ARGV[4] spread of never checked cards, ms
-- ARGV[5] 1 = cards were not to be asked so far: none is due in the past
-- ARGV[6] number of cards, 1..500; then for each card
--         card id, number of its bucket (1 = KEYS[6]), facts, time of its last check in ms (0 = never)
--
-- Returns { 1, placed, refreshed, unchanged, not polled } or
--   { -1 } another epoch    { -2 } the account is not published
-- @include now
-- @include numbers
-- @include epoch
-- @include card
-- @include changes
-- @include account
-- @include grid
local entry = redis.call('HGET', KEYS[2], ARGV[2])
if not entry then
  return { -2 }
end
local account = account_parse(entry)
local account_id, bit, spread_ms, afresh, count = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5] == '1', tonumber(ARGV[6])
local placed, refreshed, unchanged, unpolled = 0, 0, 0, 0
local adds, changed, soonest = {}, {}, nil

for i = 0, count - 1 do
  local id_text, bucket, given = ARGV[7 + i * 4], KEYS[5 + tonumber(ARGV[8 + i * 4])], ARGV[9 + i * 4]
  local id, checked_ms = tonumber(id_text), tonumber(ARGV[10 + i * 4])
  local field = int(id % CARDS_PER_BUCKET)
  local held = redis.call('HGET', bucket, field)
  local facts = card_newer(held, given)
  if held and facts ~= held then
    changed[#changed + 1] = id_text
  end
  if held and card_is_placed(held, bit) then
    -- It is scheduled, queued, leased or quarantined; a changed account is honoured when it is next claimed.
    if facts ~= held then
      redis.call('HSET', bucket, field, facts)
      refreshed = refreshed + 1
    else
      unchanged = unchanged + 1
    end
  else
    local interval_ms = card_account(facts) == account_id and account_interval(account, facts) or 0
    if interval_ms == 0 then
      unpolled = unpolled + 1
      redis.call('HSET', bucket, field, facts)
    else
      local due_ms
      if checked_ms > 0 then
        local earliest_ms = grid_earliest(interval_ms, checked_ms)
        due_ms = grid_at(id, interval_ms, afresh and math.max(earliest_ms, now_ms) or earliest_ms)
      else
        due_ms = now_ms + grid_phase(id, math.min(spread_ms, interval_ms))
      end
      adds[#adds + 1] = int(due_ms)
      adds[#adds + 1] = id_text
      if not soonest or due_ms < soonest then
        soonest = due_ms
      end
      redis.call('HSET', bucket, field, card_with_placed(facts, bit, true))
      placed = placed + 1
    end
  end
end

changes_mark(KEYS[5], changed)
if placed > 0 then
  redis.call('ZADD', KEYS[4], unpack(adds))
  redis.call('ZADD', KEYS[3], 'LT', int(soonest), ARGV[2])
end
return { 1, placed, refreshed, unchanged, unpolled }
