-- facts: what a call needs of its cards, from the cache, and whether they are still to be polled.
--
-- KEYS[1] accounts  account id -> entry (account.lua)
-- KEYS[2..]         card cache buckets
-- ARGV[1] number of cards, 1..500; then for each card
--         card id, number of its bucket (1 = KEYS[2])
--
-- Returns for each card { facts ('' = unknown card), interval ms (0 = not polled) }, flat
-- @include numbers
-- @include card
-- @include account
local reply, accounts = {}, {}
for i = 0, tonumber(ARGV[1]) - 1 do
  local facts = redis.call('HGET', KEYS[1 + tonumber(ARGV[3 + i * 2])], int(tonumber(ARGV[2 + i * 2]) % 128))
  local interval_ms = 0
  if facts then
    local id = card_account(facts)
    if accounts[id] == nil then
      local entry = redis.call('HGET', KEYS[1], int(id))
      accounts[id] = entry and account_parse(entry) or false
    end
    if accounts[id] then
      interval_ms = account_interval(accounts[id], facts)
    end
  end
  reply[#reply + 1] = facts or ''
  reply[#reply + 1] = interval_ms
end
return reply
