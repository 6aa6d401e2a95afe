-- request: asks for cards by hand. A request is no place: the card stays where it is until promotion admits it, first of
-- all and by the account's budget.
--
-- KEYS[1] epoch     { epoch, fence, run_id }
-- KEYS[2] accounts  account id -> entry (account.lua)
-- KEYS[3] wake      account id -> next due time, ms
-- KEYS[4] manual    one element for each waiting request: its account
-- KEYS[5] requests  of the account: "<card> <requested ms> <trigger>"
-- KEYS[6..]         card cache buckets
-- ARGV[1] epoch
-- ARGV[2] account id
-- ARGV[3] bit of the task type in the facts' flags (1, 2, 4)
-- ARGV[4] at most so many requests wait, of all accounts
-- ARGV[5] trigger: letters, digits and hyphens
-- ARGV[6] number of cards, 1..500; then for each card
--         card id, number of its bucket (1 = KEYS[6])
--
-- Returns { 1, then for each card: 1 = it waits, 2 = it is not polled, 3 = it is another account's, 4 = too many wait }
--   or { -1 } another epoch
-- @include now
-- @include numbers
-- @include epoch
-- @include card
-- @include account
local entry = redis.call('HGET', KEYS[2], ARGV[2])
local account = entry and account_parse(entry)
local account_id, bit = tonumber(ARGV[2]), tonumber(ARGV[3])
local room = tonumber(ARGV[4]) - redis.call('LLEN', KEYS[4])
local requests, marks, reply = {}, {}, { 1 }
for i = 0, tonumber(ARGV[6]) - 1 do
  local id_text, bucket = ARGV[7 + i * 2], KEYS[5 + tonumber(ARGV[8 + i * 2])]
  local facts = redis.call('HGET', bucket, int(tonumber(id_text) % CARDS_PER_BUCKET))
  local answer = 1
  if not facts then
    answer = 2
  elseif card_account(facts) ~= account_id then
    answer = 3
  elseif not account or not card_is_placed(facts, bit) or account_interval(account, facts) == 0 then
    answer = 2
  elseif #requests >= room then
    answer = 4
  else
    requests[#requests + 1] = id_text .. ' ' .. int(now_ms) .. ' ' .. ARGV[5]
    marks[#marks + 1] = ARGV[2]
  end
  reply[#reply + 1] = answer
end
if #requests > 0 then
  redis.call('RPUSH', KEYS[5], unpack(requests))
  redis.call('RPUSH', KEYS[4], unpack(marks))
  redis.call('ZADD', KEYS[3], 'LT', int(now_ms), ARGV[2])
end
return reply
