-- lost: for which of a trigger's cards Redis has no request any more, all places looked at in one step: it neither waits, nor is it
-- of a call in the queue or under lease, nor did it end without a call. A look in several steps would miss those that move between
-- them: a call that is refused goes back from its lease to the requests. Where the card itself is does not matter: polling may ask
-- for it, again and again, whether its request was lost or not.
--
-- KEYS[1] queue       card id -> chunk score
-- KEYS[2] chunks      chunk score -> payload (payload.lua)
-- KEYS[3] calls       call -> payload
-- KEYS[4] requests    of the account: "<card> <requested ms> <trigger>"
-- KEYS[5] settled     requests that ended without a call: "<card> <trigger> <u = under way, c = cancelled>"
-- KEYS[6] schedule    of the account: card id -> due time, ms
-- KEYS[7] quarantine  card id -> since when, ms
-- ARGV[1] trigger
-- ARGV[2..] card ids, 1..500
--
-- Returns the ids of those that are lost
-- @include numbers
-- @include payload
local wanted, known = ARGV[1], {}
for _, request in ipairs(redis.call('LRANGE', KEYS[4], 0, -1)) do
  local id, trigger = string.match(request, '^(%d+) %d+ (.+)$')
  if trigger == wanted then
    known[id] = true
  end
end
for _, request in ipairs(redis.call('LRANGE', KEYS[5], 0, -1)) do
  local id, trigger = string.match(request, '^(%d+) (.+) %a$')
  if trigger == wanted then
    known[id] = true
  end
end

-- The cards for which a call asks in the trigger's name.
local function learn(payload)
  local _, _, _, _, _, list, by = payload_parse(payload)
  if by and string.find(' ' .. by, ' ' .. wanted .. '@', 1, true) then
    local words = payload_words(list)
    for i, asked in ipairs(payload_words(by)) do
      if string.match(asked, '^[^@]+') == wanted then
        known[words[2 * i - 1]] = true
      end
    end
  end
end

local looked, leases_learnt = {}, false
local function is_under_way(id)
  local score = redis.call('ZSCORE', KEYS[1], id)
  if score then
    if not looked[score] then
      looked[score] = true
      learn(redis.call('HGET', KEYS[2], score) or '')
    end
  elseif not leases_learnt and not redis.call('ZSCORE', KEYS[6], id) and not redis.call('ZSCORE', KEYS[7], id) then
    -- Who is in one of these is in no lease; the leases are searched only for those that are in none.
    leases_learnt = true
    for _, payload in ipairs(redis.call('HVALS', KEYS[3])) do
      learn(payload)
    end
  end
  return known[id]
end

local lost = {}
for i = 2, #ARGV do
  if not known[ARGV[i]] and not is_under_way(ARGV[i]) then
    lost[#lost + 1] = ARGV[i]
  end
end
return lost
