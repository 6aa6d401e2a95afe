-- promote: admission control. Moves due cards from the schedules into the queue, in chunks that fill one gateway
-- call, as fast as the account's call budget carries: a token bucket of half a second of its calls, refilled at
-- the rate that acquire will grant, and no more in the queue than the admission window takes. What is over it
-- stays in the schedule and blocks nobody. A chunk gets one score (score.lua). A call that is not full takes along
-- cards of the account that are due within a tenth of its shortest interval.
--
-- What was asked for by hand is admitted first, by the same budget, but takes no more than its share of it while
-- polling is due as well. A card that is queued or under lease already is on its way: its request ends here, as does one
-- whose trigger was cancelled.
--
-- Acquire may refuse what was admitted (the account's other task types use its budget too): the refill slows down
-- with each refusal and recovers, so that about one call in twenty is refused at most.
--
-- KEYS[1] epoch     { epoch, fence, run_id }
-- KEYS[2] accounts  account id -> entry (account.lua)
-- KEYS[3] wake      account id -> next due time, ms
-- KEYS[4] queue     card id -> chunk score
-- KEYS[5] chunks    chunk score -> payload (payload.lua)
-- KEYS[6] fair      v = virtual time, m = manual sequence, p = when claims last found no permit free, ms; of each account:
--                   f: last finish time, n: its calls in the queue, t: tokens in thousandths of a call, at: when they were
--                   counted, ms, x: refusals since, g: when its refill is whole again, ms, b: polling refused until, ms,
--                   bm: manual work refused until, ms, c: what its due cards wait for, s: balance of manual work against
--                   polling, d: calls that its configurations need, thousandths a second
-- KEYS[7] manual    one element for each waiting request: its account
-- KEYS[8] quarantine  card id -> since when, ms
-- KEYS[9] settled   requests that ended without a call: "<card> <trigger> <u = under way, c = cancelled>"
-- KEYS[10] cancelled  triggers that were cancelled
-- KEYS[11..]        of each account in question: its schedule, its manual requests "<card> <requested ms> <trigger>"
-- ARGV[1] epoch
-- ARGV[2] admission window, ms
-- ARGV[3] quota window, us: acquire grants an account's calls a second once in this time
-- ARGV[4] share of the budget that manual work may take from due polling, percent, 1..100
-- ARGV[5] number of accounts; then their ids, in the order of KEYS[11..]
-- then    traceparents, one for each chunk that may be admitted ('' = not sampled); no more chunks are admitted,
--         nor chunks after 2,500 cards
--
-- Returns { 1, requests whose card was on its way already, then for each chunk: account, cards, score, oldest due ms }
--   or { -1 } another epoch
-- @include now
-- @include numbers
-- @include epoch
-- @include account
-- @include payload
-- @include score
local LATE_MS, RECOVERY_MS, REFUSED_OF, READ_AHEAD = 2000, 19000, 20, 500
-- Redis serves nobody else meanwhile: about 10 ms.
local CARDS_PER_PASS = 2500
local window_ms, quota_us, share, accounts = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local first_trace = 6 + accounts
local chunks_max = #ARGV - first_trace + 1
local common = redis.call('HMGET', KEYS[6], 'v', 'p')
local virtual, permits_gone_ms = tonumber(common[1] or '0'), tonumber(common[2] or '0')
local reply, admitted, cards_left, now_text = { 1, 0 }, 0, CARDS_PER_PASS, int(now_ms)

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
  -- Those that this pass has no room for stay awake as they are: before those that had their turn.
  if admitted >= chunks_max or cards_left <= 0 then
    break
  end
  local account_id, schedule, manual = ARGV[5 + i], KEYS[9 + 2 * i], KEYS[10 + 2 * i]
  local entry = redis.call('HGET', KEYS[2], account_id)
  local account = entry and account_parse(entry)
  local fields = { 'n', 'f', 't', 'at', 'b', 'bm', 'c', 'g', 'x', 's', 'd' }
  for k = 1, #fields do
    fields[k] = fields[k] .. ':' .. account_id
  end
  local state = redis.call('HMGET', KEYS[6], unpack(fields))
  local polls_from, manual_from, cause = tonumber(state[5] or '0'), tonumber(state[6] or '0'), state[7]
  local waiting = redis.call('LLEN', manual)
  local waiting_ms, left_for
  if not account or not account.active then
    waiting_ms, left_for = 1000, 'q'
  else
    local queued, finish, balance = tonumber(state[1] or '0'), tonumber(state[2] or '0'), tonumber(state[10] or '0')
    local queued_max = math.max(1, math.floor(account.rate * window_ms / 1000))
    local whole_ms = tonumber(state[8] or '0')
    if state[9] then
      whole_ms = math.floor(math.min(now_ms + RECOVERY_MS, math.max(now_ms, whole_ms) + tonumber(state[9]) * REFUSED_OF * 1000 / account.rate))
      redis.call('HSET', KEYS[6], 'g:' .. account_id, int(whole_ms))
      redis.call('HDEL', KEYS[6], 'x:' .. account_id)
    end
    -- Thousandths of a call a millisecond are calls a second.
    local refill = account.rate * 1000000 / quota_us * (1 - math.max(0, whole_ms - now_ms) / (RECOVERY_MS + 1000))
    local tokens_max = math.max(1000, account.rate * 500)
    local tokens = tokens_max
    if state[3] then
      tokens = math.min(tokens_max, tonumber(state[3]) + math.max(0, now_ms - tonumber(state[4])) * refill)
    end
    local cost = math.max(1, math.floor(1000 / account.weight))
    local early_ms = shortest_interval(account) / 10
    local before = admitted
    -- Due cards are read ahead, first those of one call, then more at a time, and removed together; so are calls queued.
    local ahead, at, more, stride = {}, 1, true, account.cards
    local queue_adds, chunk_sets = {}, {}
    local function remove_taken()
      if at > 1 then
        redis.call('ZREMRANGEBYRANK', schedule, 0, int((at - 3) / 2))
        ahead, at, more = {}, 1, true
      end
    end
    local function queue_taken()
      if #queue_adds > 0 then
        redis.call('ZADD', KEYS[4], unpack(queue_adds))
        redis.call('HSET', KEYS[5], unpack(chunk_sets))
        queue_adds, chunk_sets = {}, {}
      end
    end
    local function look_ahead()
      if more and #ahead - at + 1 < 2 * account.cards then
        remove_taken()
        ahead = redis.call('ZRANGE', schedule, 0, int(stride - 1), 'WITHSCORES')
        more = #ahead == 2 * stride
        stride = math.max(account.cards, math.min(READ_AHEAD, stride * 4))
      end
    end
    while tokens >= 1000 and queued < queued_max and admitted < chunks_max and cards_left > 0 do
      local polls = false
      if now_ms >= polls_from then
        look_ahead()
        polls = ahead[at] and tonumber(ahead[at + 1]) <= now_ms
      end
      local by_hand = waiting > 0 and now_ms >= manual_from and (not polls or balance <= 0)
      if not polls and not by_hand then
        break
      end
      local cards, triggers, oldest_ms = {}, {}, now_ms
      if by_hand then
        remove_taken()
        local requests = redis.call('LRANGE', manual, 0, int(account.cards - 1))
        redis.call('LTRIM', manual, #requests, -1)
        redis.call('LREM', KEYS[7], #requests, account_id)
        waiting = waiting - #requests
        local settled = {}
        for _, request in ipairs(requests) do
          local id, requested_ms, trigger = string.match(request, '^(%d+) (%d+) (.+)$')
          if redis.call('SISMEMBER', KEYS[10], trigger) == 1 then
            settled[#settled + 1] = id .. ' ' .. trigger .. ' c'
          elseif redis.call('ZSCORE', schedule, id) or redis.call('ZREM', KEYS[8], id) == 1 then
            local due_ms = tonumber(redis.call('ZSCORE', schedule, id) or requested_ms)
            redis.call('ZREM', schedule, id)
            triggers[#triggers + 1] = trigger .. '@' .. int(due_ms)
            cards[#cards + 1] = id
            cards[#cards + 1] = requested_ms
            oldest_ms = math.min(oldest_ms, tonumber(requested_ms))
          else
            reply[2] = reply[2] + 1
            settled[#settled + 1] = id .. ' ' .. trigger .. ' u'
          end
        end
        if #settled > 0 then
          redis.call('RPUSH', KEYS[9], unpack(settled))
        end
        ahead, at, more = {}, 1, true
        if #cards > 0 and now_ms >= polls_from then
          look_ahead()
        end
      end
      -- A call that was asked for by hand and has room takes polled cards along.
      local first, list, count = at, nil, 0
      if #cards > 0 or not by_hand then
        local last = at + 2 * account.cards - #cards - 1
        if ahead[at] then
          oldest_ms = math.min(oldest_ms, tonumber(ahead[at + 1]))
        end
        if #cards == 0 and ahead[last] and tonumber(ahead[last]) <= now_ms + early_ms then
          -- Most calls of a backlog: full, of polled cards only.
          at, list, count = last + 1, table.concat(ahead, ' ', first, last), account.cards
        else
          while at < last and ahead[at] and tonumber(ahead[at + 1]) <= now_ms + early_ms do
            cards[#cards + 1] = ahead[at]
            cards[#cards + 1] = ahead[at + 1]
            at = at + 2
          end
          list, count = table.concat(cards, ' '), #cards / 2
        end
      end
      if count > 0 then
        finish = math.max(virtual, finish) + cost
        local by = ''
        local score
        if by_hand then
          for j = #triggers + 1, count do
            triggers[j] = '-'
          end
          by = table.concat(triggers, ' ')
          score = score_of_manual(KEYS[6], tonumber(account_id))
          balance = polls and math.min(200, balance + 100 - share) or balance
        else
          score = score_of_poll(finish, tonumber(account_id))
          balance = waiting > 0 and math.max(-200, balance - share) or 0
        end
        local members, from = cards, 1
        if #cards == 0 then
          members, from = ahead, first
        end
        local n = #queue_adds
        for j = from, from + 2 * count - 2, 2 do
          queue_adds[n + 1], queue_adds[n + 2] = score, members[j]
          n = n + 2
        end
        local why = cause or (now_ms - oldest_ms > LATE_MS and 'w') or '-'
        chunk_sets[#chunk_sets + 1] = score
        chunk_sets[#chunk_sets + 1] = payload_format(account_id, int(count), now_text, '0', why, ARGV[first_trace + admitted], list, by)
        if #queue_adds >= 4 * READ_AHEAD then
          queue_taken()
        end
        queued = queued + 1
        tokens = tokens - 1000
        admitted = admitted + 1
        cards_left = cards_left - count
        reply[#reply + 1] = tonumber(account_id)
        reply[#reply + 1] = math.floor(count)
        reply[#reply + 1] = score
        reply[#reply + 1] = math.floor(oldest_ms)
      end
    end
    remove_taken()
    queue_taken()
    if admitted > before then
      redis.call('HSET', KEYS[6], fields[2], int(finish), fields[1], int(queued), fields[3], int(math.floor(tokens)),
        fields[4], int(now_ms), fields[10], int(balance))
    end
    -- When this account is worth a look again: when its budget has room for more, in strides that keep passes few.
    if admitted >= chunks_max or cards_left <= 0 then
      waiting_ms = 0
    else
      waiting_ms = math.min(1000, math.max(50, math.ceil((1000 - tokens) / refill)))
    end
    if queued >= queued_max then
      -- It has work for the whole window, whoever is behind: there is room for a stride soon enough.
      waiting_ms = math.max(waiting_ms, math.floor(window_ms / 8))
    end
    if now_ms < polls_from then
      left_for = cause
    elseif queued >= queued_max then
      left_for = now_ms - permits_gone_ms < LATE_MS and 'p' or 'w'
    elseif tonumber(state[11] or '0') > account.rate * 1000000000 / quota_us then
      left_for = 'q'
    else
      left_for = 'k'
    end
  end
  local head, next_ms = redis.call('ZRANGE', schedule, 0, 0, 'WITHSCORES'), nil
  local due_left = head[2] and tonumber(head[2]) <= now_ms
  if due_left and left_for ~= cause and left_for then
    redis.call('HSET', KEYS[6], fields[7], left_for)
  elseif cause and not due_left then
    redis.call('HDEL', KEYS[6], fields[7])
  end
  if head[2] then
    next_ms = math.max(tonumber(head[2]), now_ms + waiting_ms, polls_from)
  end
  if waiting > 0 then
    next_ms = math.min(next_ms or now_ms + 60000, math.max(now_ms + waiting_ms, manual_from))
  end
  if next_ms then
    redis.call('ZADD', KEYS[3], int(next_ms), account_id)
  else
    redis.call('ZREM', KEYS[3], account_id)
  end
end
return reply
