-- lost: which of a trigger's cards Redis knows nothing of any more, all places looked at in one step: they neither wait, nor
-- are queued or under lease (whoever asked), nor did they end without a call. A look in several steps would miss those that move
-- between them: a call that is refused goes back from its lease to the requests.
--
-- KEYS[1] queue       card id -> chunk score
-- KEYS[2] calls       call -> payload (payload.lua)
-- KEYS[3] requests    of the account: "<card> <requested ms> <trigger>"
-- KEYS[4] schedule    of the account: card id -> due time, ms
-- KEYS[5] quarantine  card id -> since when, ms
-- KEYS[6] settled     requests that ended without a call: "<card> <trigger> <u = under way, c = cancelled>"
-- ARGV[1] trigger
-- ARGV[2..] card ids, 1..500
--
-- Returns the ids of those that are lost
-- @include payload
local known = {}
for _, request in ipairs(redis.call('LRANGE', KEYS[3], 0, -1)) do
  local id, trigger = string.match(request, '^(%d+) %d+ (.+)$')
  if trigger == ARGV[1] then
    known[id] = true
  end
end
for _, request in ipairs(redis.call('LRANGE', KEYS[6], 0, -1)) do
  local id, trigger = string.match(request, '^(%d+) (.+) %a$')
  if trigger == ARGV[1] then
    known[id] = true
  end
end

-- Who is in a schedule is in no lease; the leases are searched only for those that are in neither.
local leased
local function is_leased(id)
  if not leased then
    leased = {}
    local calls = redis.call('HGETALL', KEYS[2])
    for i = 2, #calls, 2 do
      local _, _, _, _, _, list = payload_parse(calls[i])
      local words = list and payload_words(list) or {}
      for j = 1, #words, 2 do
        leased[words[j]] = true
      end
    end
  end
  return leased[id]
end

local lost = {}
for i = 2, #ARGV do
  local id = ARGV[i]
  if not known[id] and not redis.call('ZSCORE', KEYS[1], id)
    and (redis.call('ZSCORE', KEYS[4], id) or redis.call('ZSCORE', KEYS[5], id) or not is_leased(id)) then
    lost[#lost + 1] = id
  end
end
return lost
