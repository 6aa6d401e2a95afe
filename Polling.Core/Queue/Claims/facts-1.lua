-- facts: what calls need of their cards, from the cache, and whether they are still to be polled.
--
-- KEYS[1] accounts  account id -> entry (account.lua)
-- KEYS[2..]         of each card, 1..1000, its card cache bucket
-- ARGV    of each card its field in the bucket
--
-- Returns for each card { facts ('' = unknown card), interval ms (0 = not polled) }, flat
-- @include numbers
-- @include card
-- @include account
local reply, accounts, alike = {}, {}, {}

local function interval_of(facts, head)
  local id = card_account(facts)
  if accounts[id] == nil then
    local entry = redis.call('HGET', KEYS[1], int(id))
    accounts[id] = entry and account_parse(entry) or false
  end
  local interval_ms = accounts[id] and account_interval(accounts[id], facts) or 0
  alike[head] = interval_ms
  return interval_ms
end

for i = 1, #ARGV do
  local facts = redis.call('HGET', KEYS[1 + i], ARGV[i])
  if facts then
    local head = string.sub(facts, 2, 7)
    reply[i * 2 - 1], reply[i * 2] = facts, alike[head] or interval_of(facts, head)
  else
    reply[i * 2 - 1], reply[i * 2] = '', 0
  end
end
return reply
