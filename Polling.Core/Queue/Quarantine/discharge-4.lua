-- discharge: takes cards out of quarantine; they are due at once.
--
-- KEYS[1] epoch       { epoch, fence, run_id }
-- KEYS[2] quarantine  card id -> since when, ms
-- KEYS[3] wake        account id -> next due time, ms
-- KEYS[4] schedule    of the account
-- KEYS[5..]           card cache buckets
-- ARGV[1] epoch
-- ARGV[2] account id
-- ARGV[3] number of cards, 1..500; then for each card
--         card id, number of its bucket (1 = KEYS[5])
--
-- Returns { 1, cards discharged }: those of this account that were in quarantine; or { -1 } another epoch
-- @include now
-- @include numbers
-- @include epoch
-- @include card
local account_id, adds = tonumber(ARGV[2]), {}
for i = 0, tonumber(ARGV[3]) - 1 do
  local id_text, bucket = ARGV[4 + i * 2], KEYS[4 + tonumber(ARGV[5 + i * 2])]
  local facts = redis.call('HGET', bucket, int(tonumber(id_text) % CARDS_PER_BUCKET))
  if facts and card_account(facts) == account_id and redis.call('ZREM', KEYS[2], id_text) == 1 then
    adds[#adds + 1] = int(now_ms)
    adds[#adds + 1] = id_text
  end
end
if #adds > 0 then
  redis.call('ZADD', KEYS[4], unpack(adds))
  redis.call('ZADD', KEYS[3], 'LT', int(now_ms), ARGV[2])
end
return { 1, math.floor(#adds / 2) }
