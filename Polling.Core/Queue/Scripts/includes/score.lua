-- Scores of chunks: unique, and they carry the account. Polling: weighted fair queueing, virtual finish time * 4096 + account.
-- What was asked for by hand comes before all of it, in its own order: negative numbers, still exact in a double.
local function score_of_poll(finish, account_id)
  return string.format('%d', finish * 4096 + account_id)
end
local function score_of_manual(fair_key, account_id)
  local sequence = tonumber(redis.call('HINCRBY', fair_key, 'm', 1))
  return string.format('%d', (sequence - 1099511627776) * 4096 + account_id)
end
