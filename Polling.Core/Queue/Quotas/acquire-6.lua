-- acquire: charges accounts right before calls are sent to their carriers; every attempt of every kind passes here. It
-- is charged by every quota or by none. Asking again for the same attempt is granted without being charged again.
-- What is asked of one account together is decided in the order given, as if it were asked one after the other.
--
-- Calls a second: a sliding log over a second and a margin, so that jitter on the way does not bring more than the
-- permitted number into one second at the carrier. Calls in five minutes: a ring of slots; a call counts until its
-- whole slot is older than five minutes and a margin. When the ring is missing though the account is older than that,
-- Redis has lost it: the account waits until what it may have sent no longer counts.
-- Calls a month: taken from a block that PostgreSQL granted (grant-2.lua). A block of another run of Redis is dropped,
-- as up to a second of its charges may be lost. Nothing is sent in the last 2 s of a month. One caller at a time is told to fetch the next block.
-- Reserve: of the calls a second, in five minutes and in flight, polling leaves the reserved share to manual work and
-- suspensions, and manual work leaves half of that to suspensions; of the month's it is a tenth of that share.
-- Limits below 10 have no reserve.
--
-- KEYS[1] limits    { calls_per_second, max_in_flight, status, calls_per_5_minutes ('' = none), calls_per_month
--                   ('' = none), reserved_percent, maintenance_start_ms, maintenance_end_ms, month, month_end_ms,
--                   next_month, next_month_end_ms, created_ms, run_id } (AccountLimits.cs); months are "yyyy-MM-dd"
-- KEYS[2] window    attempt -> time of the grant, us
-- KEYS[3] in flight attempt -> expiry, ms
-- KEYS[4] ring      { sum, tail = oldest slot in the sum, run_id, safe_ms = before it calls may have been lost,
--                   <slot> -> calls }
-- KEYS[5] month     { month, left = calls left of the blocks, upto = the month's calls reserved in PostgreSQL, run_id,
--                   gone = "<month>|<budget>" that is used up, fetching_ms = until then somebody fetches a block }
-- KEYS[6] circuit   { state, until_ms, probe, limit, ... } (report-3.lua)
-- KEYS[7..]         the same six of each further account
-- ARGV[1] window of calls a second, us (a second and the margin)
-- ARGV[2..] of each account: its number of attempts, 1..500, and for each: its name; the longest that it can be in flight,
--           ms; priority: 0 polling, 1 manual work, 2 suspension
--
-- Returns for each attempt { 1 } granted, or { 0, reason, retry after ms, month, budget }; reasons: unknown, paused,
--   maintenance, circuit (not before its next probe), rate, five_minutes, month, in_flight,
--   month_block (the caller is to fetch a block for the month "yyyy-MM-dd" given), month_wait (another caller does)
-- @include now
-- @include numbers
local SLOT_MS, FIVE_MINUTES_MS, LONGEST_WAIT_MS, FETCH_MS, ARRIVAL_MS = 5000, 302000, 60000, 2000, 2000
-- No call is in flight for longer; an account that is no longer used leaves nothing behind.
local FORGOTTEN_MS = 3600000
local window_us = tonumber(ARGV[1])
local slot = math.floor(now_ms / SLOT_MS)
local slot_text, now_ms_text = int(slot), int(now_ms)
local GRANTED = { 1 }
local reply = {}

local function wait_until(at_ms)
  return math.max(1, math.min(LONGEST_WAIT_MS, math.ceil(at_ms - now_ms)))
end

-- The calls of the last five minutes: their sum, and before when nothing is sent as they may have been forgotten.
local function read_ring(ring_key, limits)
  local run_id = limits[10] or ''
  local ring = redis.call('HMGET', ring_key, 'sum', 'tail', 'run_id', 'safe_ms')
  local sum, tail, safe_ms = tonumber(ring[1] or '0'), tonumber(ring[2] or slot), tonumber(ring[4] or '0')
  if not ring[1] then
    if now_ms - tonumber(limits[9] or now_ms) > FIVE_MINUTES_MS then
      safe_ms = now_ms + FIVE_MINUTES_MS + SLOT_MS
    end
    redis.call('HSET', ring_key, 'sum', '0', 'tail', slot_text, 'run_id', run_id, 'safe_ms', int(safe_ms))
  elseif ring[3] ~= run_id then
    -- Redis was restarted with its data: the charges of its last moments may be lost, so two seconds' worth are added.
    local lost = 2 * tonumber(limits[1])
    sum = sum + lost
    redis.call('HINCRBY', ring_key, slot_text, lost)
    redis.call('HSET', ring_key, 'sum', int(sum), 'run_id', run_id)
  end
  local live = math.floor((now_ms - FIVE_MINUTES_MS) / SLOT_MS)
  if tail < live then
    local gone = {}
    for old = tail, math.min(live - 1, tail + 99) do
      gone[#gone + 1] = int(old)
    end
    for _, calls in ipairs(redis.call('HMGET', ring_key, unpack(gone))) do
      sum = sum - (calls and tonumber(calls) or 0)
    end
    redis.call('HDEL', ring_key, unpack(gone))
    tail = live
    redis.call('HSET', ring_key, 'sum', int(sum), 'tail', int(tail))
  end
  return sum, tail, safe_ms
end

-- The month's account: what is left of its block, and what is used of the budget.
local function read_month(limits_key, month_key, run_id)
  local months = redis.call('HMGET', limits_key, 'month', 'month_end_ms', 'next_month', 'next_month_end_ms')
  local name, end_ms = months[1], tonumber(months[2] or '')
  if end_ms and now_ms >= end_ms then
    name, end_ms = months[3], tonumber(months[4] or '')
  end
  if not end_ms or now_ms >= end_ms then
    -- No scheduler has published since: which month it is cannot be known here.
    return { refusal = { 0, 'unknown', 1000 } }
  end
  if now_ms >= end_ms - ARRIVAL_MS then
    -- It could arrive in the next month.
    return { refusal = { 0, 'month', wait_until(end_ms) } }
  end
  local held = redis.call('HMGET', month_key, 'month', 'left', 'upto', 'run_id', 'gone', 'fetching_ms')
  local same = held[1] == name and held[4] == run_id
  local left = same and tonumber(held[2]) or 0
  return {
    name = name, end_ms = end_ms, left = left, used = same and tonumber(held[3]) - left or 0,
    gone = held[5], fetching_ms = tonumber(held[6] or '0')
  }
end

local function acquire(key, first, count)
  local limits_key, window_key, in_flight_key = KEYS[key], KEYS[key + 1], KEYS[key + 2]
  local ring_key, month_key, circuit_key = KEYS[key + 3], KEYS[key + 4], KEYS[key + 5]
  local limits = redis.call('HMGET', limits_key, 'calls_per_second', 'max_in_flight', 'status', 'calls_per_5_minutes',
    'calls_per_month', 'reserved_percent', 'maintenance_start_ms', 'maintenance_end_ms', 'created_ms', 'run_id')
  -- What holds for the account as a whole.
  local closed
  local maintenance_end_ms = tonumber(limits[8] or '')
  if not limits[1] then
    closed = { 0, 'unknown', 1000 }
  elseif limits[3] ~= '1' then
    closed = { 0, 'paused', 1000 }
  elseif maintenance_end_ms and now_ms >= tonumber(limits[7]) and now_ms < maintenance_end_ms then
    closed = { 0, 'maintenance', wait_until(maintenance_end_ms) }
  end
  local attempts = {}
  for i = 1, count do
    attempts[i] = ARGV[first + i * 3 - 3]
  end
  local in_window_since, in_flight_until
  if limits[1] then
    in_window_since = redis.call('ZMSCORE', window_key, unpack(attempts))
    in_flight_until = redis.call('ZMSCORE', in_flight_key, unpack(attempts))
  end
  local circuit, probing, in_flight_max, in_flight, in_window, sum, tail, safe_ms, month
  local rate, five_max, budget = tonumber(limits[1] or '0'), tonumber(limits[4] or ''), tonumber(limits[5] or '')
  local reserved = tonumber(limits[6] or '0')
  if not closed then
    circuit = redis.call('HMGET', circuit_key, 'state', 'until_ms', 'limit')
    if circuit[1] == 'open' or circuit[1] == 'half' then
      local until_ms = tonumber(circuit[2])
      if now_ms < until_ms then
        -- A probe that is under way decides soon; its end is not waited for, only looked at again.
        closed = { 0, 'circuit', circuit[1] == 'half' and math.min(1000, wait_until(until_ms)) or wait_until(until_ms) }
      end
      probing = true
    end
  end
  if not closed then
    redis.call('ZREMRANGEBYSCORE', in_flight_key, '-inf', now_ms_text)
    redis.call('ZREMRANGEBYSCORE', window_key, '-inf', int(now_us - window_us))
    in_flight, in_window = redis.call('ZCARD', in_flight_key), redis.call('ZCARD', window_key)
    in_flight_max = tonumber(limits[2])
    local adaptive = tonumber(circuit[3] or '0')
    if adaptive > 0 and adaptive < in_flight_max then
      in_flight_max = adaptive
    end
    sum, tail, safe_ms = read_ring(ring_key, limits)
    month = budget and read_month(limits_key, month_key, limits[10] or '')
  end

  -- How much of a limit a priority may use.
  local function share(limit, percent, priority)
    if priority >= 2 or limit < 10 or percent <= 0 then
      return limit
    end
    local reserve = math.max(1, math.floor(limit * percent / 100))
    return limit - (priority == 1 and math.floor(reserve / 2) or reserve)
  end

  -- Why an attempt cannot be sent now, or nil.
  local function refusal(priority)
    if in_flight >= share(in_flight_max, reserved, priority) then
      return { 0, 'in_flight', 50 }
    end
    local permitted = share(rate, reserved, priority)
    if in_window >= permitted then
      -- When enough of the oldest have left the window; those that are granted now are not in it yet.
      local rank = int(in_window - permitted)
      local leaving = redis.call('ZRANGE', window_key, rank, rank, 'WITHSCORES')
      return { 0, 'rate', wait_until(((tonumber(leaving[2]) or now_us) + window_us) / 1000) }
    end
    if five_max then
      if now_ms < safe_ms then
        return { 0, 'five_minutes', wait_until(safe_ms) }
      end
      if sum >= share(five_max, reserved, priority) then
        -- A slot leaves every 5 s; the oldest that has calls may be later.
        return { 0, 'five_minutes', wait_until(math.max((tail + 1) * SLOT_MS + FIVE_MINUTES_MS, now_ms + 1000)) }
      end
    end
    if not month or month.refusal then
      return month and month.refusal
    end
    if month.used >= share(budget, reserved / 10, priority) then
      return { 0, 'month', wait_until(month.end_ms) }
    end
    if month.left < 1 then
      if month.gone == month.name .. '|' .. int(budget) then
        return { 0, 'month', wait_until(month.end_ms) }
      end
      if now_ms < month.fetching_ms then
        return { 0, 'month_wait', 50 }
      end
      month.fetching_ms = now_ms + FETCH_MS
      redis.call('HSET', month_key, 'fetching_ms', int(month.fetching_ms))
      return { 0, 'month_block', 50, month.name, int(budget) }
    end
  end

  local window_adds, in_flight_adds, granted_now, granted, longest_ms = {}, {}, {}, 0, 0
  for i = 1, count do
    local decision = closed
    if granted_now[attempts[i]] or (in_window_since and (in_window_since[i] or in_flight_until[i])) then
      decision = GRANTED
    elseif not closed then
      decision = refusal(tonumber(ARGV[first + i * 3 - 1]))
      if not decision then
        decision = GRANTED
        local timeout_ms = tonumber(ARGV[first + i * 3 - 2])
        granted = granted + 1
        granted_now[attempts[i]] = true
        longest_ms = math.max(longest_ms, timeout_ms)
        in_window, in_flight, sum = in_window + 1, in_flight + 1, sum + 1
        if month then
          month.left, month.used = month.left - 1, month.used + 1
        end
        window_adds[granted * 2 - 1], window_adds[granted * 2] = int(now_us), attempts[i]
        in_flight_adds[granted * 2 - 1], in_flight_adds[granted * 2] = int(now_ms + timeout_ms), attempts[i]
        if probing then
          redis.call('HSET', circuit_key, 'state', 'half', 'probe', attempts[i], 'until_ms', int(now_ms + timeout_ms))
          closed = { 0, 'circuit', math.min(1000, timeout_ms) }
        end
      end
    end
    reply[#reply + 1] = decision
  end

  -- Every charge.
  if granted > 0 then
    redis.call('ZADD', window_key, unpack(window_adds))
    redis.call('PEXPIRE', window_key, math.ceil(window_us / 1000) + 1000)
    redis.call('ZADD', in_flight_key, unpack(in_flight_adds))
    redis.call('PEXPIRE', in_flight_key, int(math.max(longest_ms + 1000, FORGOTTEN_MS)))
    redis.call('HINCRBY', ring_key, slot_text, granted)
    redis.call('HINCRBY', ring_key, 'sum', granted)
    if month then
      redis.call('HINCRBY', month_key, 'left', -granted)
    end
  end
end

local key, at = 1, 2
while at <= #ARGV do
  local count = tonumber(ARGV[at])
  acquire(key, at + 1, count)
  key, at = key + 6, at + 1 + count * 3
end
return reply
