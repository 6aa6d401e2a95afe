-- promote: admission control. Moves due cards from the schedules into the queue, in chunks that fill one gateway
-- call, as fast as the account's call budget carries: a token bucket of half a second of its calls, refilled at
-- the rate that acquire will grant, and no more in the queue than the admission window takes. What is over it
-- stays in the schedule and blocks nobody. A chunk gets one score by weighted fair queueing:
--   score = virtual finish time * 4096 + account id, unique, since an account's finish time only grows.
-- A call that is not full takes along cards of the account that are due within a tenth of its shortest interval.
--
-- KEYS[1] epoch     { epoch, fence, run_id }
-- KEYS[2] accounts  account id -> entry (account.lua)
-- KEYS[3] wake      account id -> next due time, ms
-- KEYS[4] queue     card id -> chunk score
-- KEYS[5] chunks    chunk score -> "<account>|<cards>|<admitted ms>|<attempts>|<traceparent>|<id> <due ms> ..."
-- KEYS[6] fair      v = virtual time, f:<account> = its last finish time, n:<account> = its calls in the queue,
--                   t:<account> = its tokens in thousandths of a call, at:<account> = when they were counted, ms
-- KEYS[7..]         schedules of the accounts in question
-- ARGV[1] epoch
-- ARGV[2] admission window, ms
-- ARGV[3] quota window, us: acquire grants an account's calls a second once in this time
-- ARGV[4] number of accounts; then their ids, in the order of KEYS[7..]
-- then    traceparents, one for each chunk that may be admitted ('' = not sampled); no more chunks are admitted
--
-- Returns { 1, then for each chunk: account, cards, score, oldest due ms } or { -1 } another epoch
-- @include now
-- @include numbers
-- @include epoch
-- @include account
local window_ms, quota_us, accounts = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local first_trace = 5 + accounts
local chunks_max = #ARGV - first_trace + 1
local virtual = tonumber(redis.call('HGET', KEYS[6], 'v') or '0')
local reply, admitted = { 1 }, 0

-- The shortest interval of the account's rules, ms.
local function shortest_interval(account)
  local shortest
  for ms in string.gmatch(account.rules, ',(%d+),%d+') do
    local value = tonumber(ms)
    if not shortest or value < shortest then
      shortest = value
    end
  end
  return shortest or 0
end

for i = 1, accounts do
  local account_id, schedule = ARGV[4 + i], KEYS[6 + i]
  local entry = redis.call('HGET', KEYS[2], account_id)
  local account = entry and account_parse(entry)
  local waiting_ms
  if not account or not account.active then
    waiting_ms = 1000
  else
    local state = redis.call('HMGET', KEYS[6], 'n:' .. account_id, 'f:' .. account_id, 't:' .. account_id, 'at:' .. account_id)
    local queued, finish = tonumber(state[1] or '0'), tonumber(state[2] or '0')
    local queued_max = math.max(1, math.floor(account.rate * window_ms / 1000))
    -- Thousandths of a call a millisecond are calls a second.
    local refill = account.rate * 1000000 / quota_us
    local tokens_max = math.max(1000, account.rate * 500)
    local tokens = tokens_max
    if state[3] then
      tokens = math.min(tokens_max, tonumber(state[3]) + math.max(0, now_ms - tonumber(state[4])) * refill)
    end
    local cost = math.max(1, math.floor(1000 / account.weight))
    local early_ms = shortest_interval(account) / 10
    local before = admitted
    while tokens >= 1000 and queued < queued_max and admitted < chunks_max do
      local due = redis.call('ZRANGE', schedule, 0, account.cards - 1, 'WITHSCORES')
      if #due == 0 or tonumber(due[2]) > now_ms then
        break
      end
      local taken = 0
      for j = 2, #due, 2 do
        if tonumber(due[j]) > now_ms + early_ms then
          break
        end
        taken = taken + 1
      end
      finish = math.max(virtual, finish) + cost
      local score = int(finish * 4096 + tonumber(account_id))
      local adds = {}
      for j = 1, taken do
        adds[j * 2 - 1] = score
        adds[j * 2] = due[j * 2 - 1]
      end
      redis.call('ZREMRANGEBYRANK', schedule, 0, taken - 1)
      redis.call('ZADD', KEYS[4], unpack(adds))
      redis.call('HSET', KEYS[5], score, account_id .. '|' .. int(taken) .. '|' .. int(now_ms) .. '|0|'
        .. ARGV[first_trace + admitted] .. '|' .. table.concat(due, ' ', 1, taken * 2))
      queued = queued + 1
      tokens = tokens - 1000
      admitted = admitted + 1
      reply[#reply + 1] = tonumber(account_id)
      reply[#reply + 1] = taken
      reply[#reply + 1] = score
      reply[#reply + 1] = math.floor(tonumber(due[2]))
    end
    if admitted > before then
      redis.call('HSET', KEYS[6], 'f:' .. account_id, int(finish), 'n:' .. account_id, int(queued),
        't:' .. account_id, int(math.floor(tokens)), 'at:' .. account_id, int(now_ms))
    end
    -- When this account is worth a look again: when its budget has room for more, in strides that keep passes few.
    if admitted >= chunks_max then
      waiting_ms = 0
    else
      waiting_ms = math.min(1000, math.max(50, math.ceil((1000 - tokens) / refill)))
    end
  end
  local head = redis.call('ZRANGE', schedule, 0, 0, 'WITHSCORES')
  if #head == 0 then
    redis.call('ZREM', KEYS[3], account_id)
  else
    redis.call('ZADD', KEYS[3], int(math.max(tonumber(head[2]), now_ms + waiting_ms)), account_id)
  end
end
return reply
