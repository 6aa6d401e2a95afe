-- move: gives scheduled cards of an account the due times that its intervals ask for by now; harmless to repeat. A card whose due
-- time lies on the grid of its interval already, or that is due, stays as it is; so does one that is in no schedule: complete goes by
-- the intervals of now. A card to which no configuration applies any more leaves the schedule.
--
-- A card that the new interval would have had asked before its due time is due at the first point of its grid that is more than six
-- tenths of the interval after its last check and not in the past; any other at the first that is not before its due time
-- either, so that a longer interval has nothing asked sooner. Points of the grid are spread over an interval: there is no herd.
--
-- KEYS[1] epoch     { epoch, fence, run_id }
-- KEYS[2] accounts  account id -> entry (account.lua)
-- KEYS[3] wake      account id -> next due time, ms
-- KEYS[4] schedule  of this account: card id -> due time, ms
-- KEYS[5..]         card cache buckets
-- ARGV[1] epoch
-- ARGV[2] account id
-- ARGV[3] bit of the task type in the facts' flags (1, 2, 4)
-- ARGV[4] the account's rules as the caller knows them
-- ARGV[5] number of cards, 1..250; then for each card
--         card id, number of its bucket (1 = KEYS[5]), time of its last check in ms (0 = never, or it failed; '' = not looked up)
--
-- Returns { 1, moved, no longer polled, then the cards whose last check must be looked up } or
--   { -1 } another epoch    { -2 } the account is not published    { -3 } its rules are others by now; nothing was changed
-- @include now
-- @include numbers
-- @include epoch
-- @include card
-- @include account
-- @include grid
local entry = redis.call('HGET', KEYS[2], ARGV[2])
if not entry then
  return { -2 }
end
local account, account_id, bit, count = account_parse(entry), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[5])
if account.rules ~= ARGV[4] then
  return { -3 }
end

local function due_of(id, interval_ms, due_ms, checked_ms)
  if checked_ms == 0 then
    return due_ms <= now_ms + interval_ms and due_ms or grid_at(id, interval_ms, now_ms)
  end
  checked_ms = math.min(checked_ms, now_ms)
  local earliest_ms = math.max(now_ms, grid_earliest(interval_ms, checked_ms))
  if due_ms - checked_ms > interval_ms then
    return math.min(due_ms, grid_at(id, interval_ms, earliest_ms))
  end
  return grid_at(id, interval_ms, math.max(due_ms, earliest_ms))
end

local ids = {}
for i = 1, count do
  ids[i] = ARGV[3 + i * 3]
end
local dues = redis.call('ZMSCORE', KEYS[4], unpack(ids))
local reply, adds, ended, soonest = { 1, 0, 0 }, {}, {}, math.huge
for i = 1, count do
  local id_text, bucket, checked = ids[i], KEYS[4 + tonumber(ARGV[4 + i * 3])], ARGV[5 + i * 3]
  local due_ms = dues[i] and tonumber(dues[i])
  local id = tonumber(id_text)
  local field = int(id % CARDS_PER_BUCKET)
  local facts = due_ms and redis.call('HGET', bucket, field)
  -- A card of another account by now is asked at its old time, and goes there then.
  if facts and card_account(facts) == account_id then
    local interval_ms = account_interval(account, facts)
    if interval_ms == 0 then
      ended[#ended + 1] = id_text
      redis.call('HSET', bucket, field, card_with_placed(facts, bit, false))
    elseif due_ms > now_ms
      and ((due_ms - grid_phase(id, interval_ms)) % interval_ms ~= 0 or due_ms > grid_earliest(interval_ms, now_ms) + interval_ms) then
      if checked == '' then
        reply[#reply + 1] = id_text
      else
        local moved_ms = due_of(id, interval_ms, due_ms, tonumber(checked))
        if moved_ms ~= due_ms then
          adds[#adds + 1] = int(moved_ms)
          adds[#adds + 1] = id_text
          soonest = math.min(soonest, moved_ms)
        end
      end
    end
  end
end
if #adds > 0 then
  redis.call('ZADD', KEYS[4], unpack(adds))
  redis.call('ZADD', KEYS[3], 'LT', int(soonest), ARGV[2])
end
if #ended > 0 then
  redis.call('ZREM', KEYS[4], unpack(ended))
end
reply[2], reply[3] = math.floor(#adds / 2), #ended
return reply
