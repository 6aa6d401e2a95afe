-- adopt: gives cards a place that the audit found in none, twice, more than a lease apart. Moves race with the audit, so all
-- places are looked at once more here, in one step; a card that has one keeps it.
--
-- KEYS[1] epoch       { epoch, fence, run_id }
-- KEYS[2] accounts    account id -> entry (account.lua)
-- KEYS[3] wake        account id -> next due time, ms
-- KEYS[4] queue       card id -> chunk score
-- KEYS[5] calls       call -> payload (payload.lua)
-- KEYS[6] quarantine  card id -> since when, ms
-- KEYS[7] schedule    of the cards' account
-- KEYS[8..]           schedules of all other accounts (a moved card lies in its old one until it is due), then card cache buckets
-- ARGV[1] epoch
-- ARGV[2] account id
-- ARGV[3] bit of the task type in the facts' flags (1, 2, 4)
-- ARGV[4] spread of their due times, ms
-- ARGV[5] number of other schedules
-- ARGV[6] number of cards, 1..100; then for each card
--         card id, number of its bucket (1 = the first after the schedules)
--
-- Returns { 1, adopted, no longer polled } or { -1 } another epoch or { -2 } the account is not published
-- @include now
-- @include numbers
-- @include epoch
-- @include card
-- @include account
-- @include grid
-- @include payload
local entry = redis.call('HGET', KEYS[2], ARGV[2])
if not entry then
  return { -2 }
end
local account, account_id, bit = account_parse(entry), tonumber(ARGV[2]), tonumber(ARGV[3])
local others, count = tonumber(ARGV[5]), tonumber(ARGV[6])

local leased
local function is_leased(id_text)
  if not leased then
    leased = {}
    for _, payload in ipairs(redis.call('HVALS', KEYS[5])) do
      local _, _, _, _, _, list = payload_parse(payload)
      for id in string.gmatch(list or '', '(%d+) %d+') do
        leased[id] = true
      end
    end
  end
  return leased[id_text]
end

local function has_place(id_text)
  if redis.call('ZSCORE', KEYS[4], id_text) or redis.call('ZSCORE', KEYS[6], id_text) then
    return true
  end
  for i = 7, 7 + others do
    if redis.call('ZSCORE', KEYS[i], id_text) then
      return true
    end
  end
  return is_leased(id_text)
end

local adds, soonest, unpolled = {}, nil, 0
for i = 0, count - 1 do
  local id_text, bucket = ARGV[7 + i * 2], KEYS[7 + others + tonumber(ARGV[8 + i * 2])]
  local id = tonumber(id_text)
  local field = int(id % CARDS_PER_BUCKET)
  local facts = redis.call('HGET', bucket, field)
  if facts and card_account(facts) == account_id and card_is_placed(facts, bit) and not has_place(id_text) then
    local interval_ms = account_interval(account, facts)
    if interval_ms == 0 then
      redis.call('HSET', bucket, field, card_with_placed(facts, bit, false))
      unpolled = unpolled + 1
    else
      local due_ms = now_ms + grid_phase(id, math.min(tonumber(ARGV[4]), interval_ms))
      adds[#adds + 1] = int(due_ms)
      adds[#adds + 1] = id_text
      if not soonest or due_ms < soonest then
        soonest = due_ms
      end
    end
  end
end
if #adds > 0 then
  redis.call('ZADD', KEYS[7], unpack(adds))
  redis.call('ZADD', KEYS[3], 'LT', int(soonest), ARGV[2])
end
return { 1, math.floor(#adds / 2), unpolled }
