-- claim: puts expired leases back, counts the free permits and hands out whole calls, each with one permit, one
-- lease and one fencing token for all its cards. A replay of the same (executor, sequence) returns the same calls,
-- so a lost answer strands nothing.
--
-- KEYS[1] epoch    { epoch, fence, run_id }
-- KEYS[2] queue    card id -> chunk score
-- KEYS[3] chunks   chunk score -> payload (payload.lua)
-- KEYS[4] fair     v = virtual time, p = when no permit was free for what was queued, ms, f:<account> = its last finish
--                  time, n:<account> = its calls in the queue (promote-10.lua)
-- KEYS[5] leases   "<token>:<account>:<cards>" -> expiry, ms
-- KEYS[6] calls    the same -> payload
-- KEYS[7] permits  the same -> expiry, ms
-- KEYS[8] current  number of permits held
-- KEYS[9] config   number of permits allowed
-- KEYS[10] claim   of this executor: "<sequence> <call> <call> ..."
-- KEYS[11] failures    card id -> failures of its own since its last success (quarantine.lua)
-- KEYS[12] quarantine  card id -> since when, ms
-- ARGV[1] sequence of this claim, growing
-- ARGV[2] at most so many calls
-- ARGV[3] lease, ms
-- ARGV[4] permit, ms
-- ARGV[5] at most so many expired leases are put back
-- ARGV[6] failures of a card's own that put it into quarantine
-- ARGV[7] name of the executor
--
-- Returns { now ms, epoch, permits held, permits allowed, expired leases put back, when no permit was free last, ms,
--   call, payload, call, payload... };
--   epoch 0 = Redis is not initialised, nothing is handed out
-- @include now
-- @include numbers
-- @include payload
-- @include permits
-- @include quarantine
-- @include score
local epoch = redis.call('HGET', KEYS[1], 'epoch')
if not epoch then
  return { now_ms, '0', 0, 0, 0, 0 }
end
local limit = tonumber(redis.call('GET', KEYS[9]) or '0')
local common = redis.call('HMGET', KEYS[4], 'v', 'p')
local virtual, permits_gone_ms = tonumber(common[1] or '0'), tonumber(common[2] or '0')

local previous = redis.call('GET', KEYS[10])
if previous and string.match(previous, '^%d+') == ARGV[1] then
  local reply = { now_ms, epoch, redis.call('ZCARD', KEYS[7]), limit, 0, permits_gone_ms }
  for call in string.gmatch(previous, '%d+:%d+:%d+') do
    local payload = redis.call('HGET', KEYS[6], call)
    if payload then
      reply[#reply + 1] = call
      reply[#reply + 1] = payload
    end
  end
  return reply
end

-- Queues the cards of words (id, due, id, due...) from..to as one chunk behind the account's others; what was asked for
-- by hand stays before all polling. They are late because a worker lost them.
local function requeue(account_id, attempts, trace, words, triggers, from, to)
  local finish = math.max(virtual, tonumber(redis.call('HGET', KEYS[4], 'f:' .. account_id) or '0')) + 1
  local by, score = '', nil
  if #triggers > 0 then
    by = table.concat(triggers, ' ', (from + 1) / 2, to / 2)
    score = score_of_manual(KEYS[4], tonumber(account_id))
  else
    score = score_of_poll(finish, tonumber(account_id))
    redis.call('HSET', KEYS[4], 'f:' .. account_id, int(finish))
  end
  local adds = {}
  for j = from, to, 2 do
    adds[#adds + 1] = score
    adds[#adds + 1] = words[j]
  end
  redis.call('ZADD', KEYS[2], unpack(adds))
  redis.call('HSET', KEYS[3], score, payload_format(account_id, int((to - from + 1) / 2), int(now_ms), int(attempts), 'w', trace,
    table.concat(words, ' ', from, to), by))
  redis.call('HINCRBY', KEYS[4], 'n:' .. account_id, 1)
end

-- An expired lease goes back in halves, finally singly, so that one bad card cannot hold the others for ever; a card
-- that expires alone again and again is set aside.
local expired = redis.call('ZRANGE', KEYS[5], 0, tonumber(ARGV[5]) - 1, 'WITHSCORES')
local returned = 0
for i = 1, #expired, 2 do
  if tonumber(expired[i + 1]) > now_ms then
    break
  end
  local call = expired[i]
  local payload = redis.call('HGET', KEYS[6], call)
  if payload then
    local account_id, count, attempts, _, trace, list, by = payload_parse(payload)
    local words, triggers, tries = payload_words(list), payload_words(by), tonumber(attempts) + 1
    local half = math.ceil(tonumber(count) / 2) * 2
    if #words > 2 then
      requeue(account_id, tries, trace, words, triggers, 1, half)
      requeue(account_id, tries, trace, words, triggers, half + 1, #words)
    elseif not quarantine_count(KEYS[11], KEYS[12], words[1], tonumber(ARGV[6]), now_ms) then
      requeue(account_id, tries, trace, words, triggers, 1, 2)
    end
  end
  redis.call('ZREM', KEYS[5], call)
  redis.call('HDEL', KEYS[6], call)
  redis.call('ZREM', KEYS[7], call)
  returned = returned + 1
end

local held = permits_publish(KEYS[7], KEYS[8], now_ms)
local free = math.min(tonumber(ARGV[2]), limit - held)
local reply, claimed = { now_ms, epoch, held, limit, returned, permits_gone_ms }, { ARGV[1] }
local fence = tonumber(redis.call('HGET', KEYS[1], 'fence') or '0')
local leases, calls, permits, chunks, fewer = {}, {}, {}, {}, {}
local now_text, lease_until, permit_until = int(now_ms), int(now_ms + tonumber(ARGV[3])), int(now_ms + tonumber(ARGV[4]))
-- The members before `at` are of calls that this claim hands out; they are removed together. Calls of many cards are taken by
-- their score, one by one; where calls have one card each, their heads and payloads are read many at a time.
local ahead, at, payloads, stride = {}, 1, {}, 1
local function remove_taken()
  if at > 1 then
    redis.call('ZREMRANGEBYRANK', KEYS[2], 0, int((at - 3) / 2))
    ahead, at = {}, 1
  end
end
for n = 1, free do
  if not ahead[at] then
    remove_taken()
    ahead = redis.call('ZRANGE', KEYS[2], 0, int(math.min(stride, free - n + 1) - 1), 'WITHSCORES')
    if #ahead == 0 then
      break
    end
    local scores = {}
    for j = 2, #ahead, 2 do
      ahead[j] = int(tonumber(ahead[j]))
      scores[#scores + 1] = ahead[j]
    end
    for j, payload in ipairs(redis.call('HMGET', KEYS[3], unpack(scores))) do
      payloads[scores[j]] = payload
    end
  end
  local score_text = ahead[at + 1]
  local score = tonumber(score_text)
  local account_id, payload = int(score % 4096), payloads[score_text]
  local count = payload and string.match(payload, '^%d+|(%d+)|')
  if count == '1' and ahead[at + 3] ~= score_text then
    at, stride = at + 2, 32
  else
    remove_taken()
    payload = payload and payload_of_queued(KEYS[2], score_text, payload)
    count = payload and string.match(payload, '^%d+|(%d+)|')
    if not payload then
      -- Somebody deleted the chunk by hand: the queue still knows its cards.
      local cards = redis.call('ZRANGEBYSCORE', KEYS[2], score_text, score_text, 'LIMIT', 0, 500)
      count = int(#cards)
      local list = table.concat(cards, ' ' .. now_text .. ' ') .. ' ' .. now_text
      payload = payload_format(account_id, count, now_text, '0', '-', '', list, '')
    end
    redis.call('ZREMRANGEBYSCORE', KEYS[2], score_text, score_text)
    ahead, at, stride = {}, 1, 1
  end
  virtual = math.max(virtual, math.floor(score / 4096))
  fence = math.max(fence + 1, now_us)
  local call = int(fence) .. ':' .. account_id .. ':' .. count
  fewer[account_id] = (fewer[account_id] or 0) + 1
  chunks[n] = score_text
  leases[n * 2 - 1], leases[n * 2] = lease_until, call
  calls[n * 2 - 1], calls[n * 2] = call, payload .. '|' .. ARGV[7]
  permits[n * 2 - 1], permits[n * 2] = permit_until, call
  claimed[n + 1] = call
  reply[#reply + 1] = call
  reply[#reply + 1] = payload
end
remove_taken()
if #claimed > 1 then
  redis.call('HDEL', KEYS[3], unpack(chunks))
  for account_id, n in pairs(fewer) do
    if tonumber(redis.call('HINCRBY', KEYS[4], 'n:' .. account_id, -n)) <= 0 then
      redis.call('HDEL', KEYS[4], 'n:' .. account_id)
    end
  end
  redis.call('ZADD', KEYS[5], unpack(leases))
  redis.call('HSET', KEYS[6], unpack(calls))
  redis.call('ZADD', KEYS[7], unpack(permits))
  redis.call('HSET', KEYS[1], 'fence', int(fence))
  redis.call('HSET', KEYS[4], 'v', int(virtual))
  redis.call('SET', KEYS[10], table.concat(claimed, ' '), 'PX', ARGV[3])
  reply[3] = permits_publish(KEYS[7], KEYS[8], now_ms)
end
if free < tonumber(ARGV[2]) and #claimed - 1 >= free and redis.call('EXISTS', KEYS[2]) == 1 then
  redis.call('HSET', KEYS[4], 'p', int(now_ms))
  reply[6] = now_ms
end
return reply
