-- facts: what calls need of their cards, from the cache, and whether they are still to be polled.
--
-- KEYS[1] accounts  account id -> entry (account.lua)
-- KEYS[2] changes   card id -> number of the change of its facts (changes.lua)
-- KEYS[3..]         of each card, 1..1000, its card cache bucket
-- ARGV    of each card its field in the bucket
--
-- Returns { number of the last change, interval ms (0 = not polled) and what cards of it have in common (bytes 2-7 of their
--   facts), flat; then the facts of each card ('' = unknown card) }
-- @include numbers
-- @include card
-- @include changes
-- @include account
local call, sub = redis.call, string.sub
local accounts, alike, intervals = {}, {}, {}

local function look(facts, head)
  local id = card_account(facts)
  if accounts[id] == nil then
    local entry = call('HGET', KEYS[1], int(id))
    accounts[id] = entry and account_parse(entry) or false
  end
  alike[head] = true
  intervals[#intervals + 1] = accounts[id] and account_interval(accounts[id], facts) or 0
  intervals[#intervals + 1] = head
end

local last = changes_known(KEYS[2])
local reply = { last, intervals }
for i = 1, #ARGV do
  local facts = call('HGET', KEYS[2 + i], ARGV[i])
  if facts then
    local head = sub(facts, 2, 7)
    if not alike[head] then
      look(facts, head)
    end
  end
  reply[2 + i] = facts or ''
end
return reply
