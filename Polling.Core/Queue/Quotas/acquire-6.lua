-- acquire: charges an account right before a call is sent to its carrier; every attempt of every kind passes here. It
-- is charged by every quota or by none. Asking again for the same attempt is granted without being charged again.
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
-- ARGV[1] attempt
-- ARGV[2] the longest that it can be in flight, ms
-- ARGV[3] window of calls a second, us (a second and the margin)
-- ARGV[4] priority: 0 polling, 1 manual work, 2 suspension
--
-- Returns { 1 } granted, or { 0, reason, retry after ms, month, budget }; reasons: unknown, paused, maintenance,
--   circuit (not before its next probe), rate, five_minutes, month, in_flight,
--   month_block (the caller is to fetch a block for the month "yyyy-MM-dd" given), month_wait (another caller does)
-- @include now
-- @include numbers
local SLOT_MS, FIVE_MINUTES_MS, LONGEST_WAIT_MS, FETCH_MS, ARRIVAL_MS = 5000, 302000, 60000, 2000, 2000
local attempt = ARGV[1]
local limits = redis.call('HMGET', KEYS[1], 'calls_per_second', 'max_in_flight', 'status', 'calls_per_5_minutes',
  'calls_per_month', 'reserved_percent', 'maintenance_start_ms', 'maintenance_end_ms', 'created_ms', 'run_id')
if not limits[1] then
  return { 0, 'unknown', 1000 }
end
if redis.call('ZSCORE', KEYS[2], attempt) or redis.call('ZSCORE', KEYS[3], attempt) then
  return { 1 }
end
if limits[3] ~= '1' then
  return { 0, 'paused', 1000 }
end
local function wait_until(at_ms)
  return math.max(1, math.min(LONGEST_WAIT_MS, math.ceil(at_ms - now_ms)))
end
local maintenance_end_ms = tonumber(limits[8] or '')
if maintenance_end_ms and now_ms >= tonumber(limits[7]) and now_ms < maintenance_end_ms then
  return { 0, 'maintenance', wait_until(maintenance_end_ms) }
end

-- How much of a limit this priority may use.
local run_id = limits[10] or ''
local reserved, priority = tonumber(limits[6] or '0'), tonumber(ARGV[4])
local function share(limit, percent)
  if priority >= 2 or limit < 10 or percent <= 0 then
    return limit
  end
  local reserve = math.max(1, math.floor(limit * percent / 100))
  return limit - (priority == 1 and math.floor(reserve / 2) or reserve)
end

-- Circuit and concurrency.
local circuit = redis.call('HMGET', KEYS[6], 'state', 'until_ms', 'limit')
local probing = false
if circuit[1] == 'open' or circuit[1] == 'half' then
  if now_ms < tonumber(circuit[2]) then
    -- A probe that is under way decides soon; its end is not waited for, only looked at again.
    return { 0, 'circuit', circuit[1] == 'half' and math.min(1000, wait_until(tonumber(circuit[2]))) or wait_until(tonumber(circuit[2])) }
  end
  probing = true
end
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', int(now_ms))
local in_flight_max, adaptive = tonumber(limits[2]), tonumber(circuit[3] or '0')
if adaptive > 0 and adaptive < in_flight_max then
  in_flight_max = adaptive
end
if redis.call('ZCARD', KEYS[3]) >= share(in_flight_max, reserved) then
  return { 0, 'in_flight', 50 }
end

-- Calls a second.
local window_us = tonumber(ARGV[3])
local rate = share(tonumber(limits[1]), reserved)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', int(now_us - window_us))
local in_window = redis.call('ZCARD', KEYS[2])
if in_window >= rate then
  -- When enough of the oldest have left the window.
  local leaving = redis.call('ZRANGE', KEYS[2], int(in_window - rate), int(in_window - rate), 'WITHSCORES')
  return { 0, 'rate', wait_until((tonumber(leaving[2]) + window_us) / 1000) }
end

-- Calls in five minutes.
local slot = math.floor(now_ms / SLOT_MS)
local ring = redis.call('HMGET', KEYS[4], 'sum', 'tail', 'run_id', 'safe_ms')
local sum, tail, safe_ms = tonumber(ring[1] or '0'), tonumber(ring[2] or slot), tonumber(ring[4] or '0')
if not ring[1] and now_ms - tonumber(limits[9] or now_ms) > FIVE_MINUTES_MS then
  safe_ms = now_ms + FIVE_MINUTES_MS + SLOT_MS
  redis.call('HSET', KEYS[4], 'sum', '0', 'tail', int(slot), 'run_id', run_id, 'safe_ms', int(safe_ms))
elseif ring[1] and ring[3] ~= run_id then
  -- Redis was restarted with its data: the charges of its last moments may be lost, so two seconds' worth are added.
  local lost = 2 * tonumber(limits[1])
  sum = sum + lost
  redis.call('HINCRBY', KEYS[4], int(slot), int(lost))
  redis.call('HSET', KEYS[4], 'sum', int(sum), 'run_id', run_id)
end
local live = math.floor((now_ms - FIVE_MINUTES_MS) / SLOT_MS)
if tail < live then
  local gone = {}
  for old = tail, math.min(live - 1, tail + 99) do
    gone[#gone + 1] = int(old)
  end
  for _, calls in ipairs(redis.call('HMGET', KEYS[4], unpack(gone))) do
    sum = sum - (calls and tonumber(calls) or 0)
  end
  redis.call('HDEL', KEYS[4], unpack(gone))
  tail = live
  redis.call('HSET', KEYS[4], 'sum', int(sum), 'tail', int(tail))
end
local five_max = tonumber(limits[4] or '')
if five_max then
  if now_ms < safe_ms then
    return { 0, 'five_minutes', wait_until(safe_ms) }
  end
  if sum >= share(five_max, reserved) then
    -- A slot leaves every 5 s; the oldest that has calls may be later.
    return { 0, 'five_minutes', wait_until(math.max((tail + 1) * SLOT_MS + FIVE_MINUTES_MS, now_ms + 1000)) }
  end
end

-- Calls a month.
local budget = tonumber(limits[5] or '')
local left
if budget then
  local months = redis.call('HMGET', KEYS[1], 'month', 'month_end_ms', 'next_month', 'next_month_end_ms')
  local month, month_end_ms = months[1], tonumber(months[2] or '')
  if month_end_ms and now_ms >= month_end_ms then
    month, month_end_ms = months[3], tonumber(months[4] or '')
  end
  if not month_end_ms or now_ms >= month_end_ms then
    -- No scheduler has published since: which month it is cannot be known here.
    return { 0, 'unknown', 1000 }
  end
  if now_ms >= month_end_ms - ARRIVAL_MS then
    -- It could arrive in the next month.
    return { 0, 'month', wait_until(month_end_ms) }
  end
  local held = redis.call('HMGET', KEYS[5], 'month', 'left', 'upto', 'run_id', 'gone', 'fetching_ms')
  local same = held[1] == month and held[4] == run_id
  left = same and tonumber(held[2]) or 0
  local used = same and tonumber(held[3]) - left or 0
  if used >= share(budget, reserved / 10) then
    return { 0, 'month', wait_until(month_end_ms) }
  end
  if left < 1 then
    if held[5] == month .. '|' .. int(budget) then
      return { 0, 'month', wait_until(month_end_ms) }
    end
    if now_ms < tonumber(held[6] or '0') then
      return { 0, 'month_wait', 50 }
    end
    redis.call('HSET', KEYS[5], 'fetching_ms', int(now_ms + FETCH_MS))
    return { 0, 'month_block', 50, month, int(budget) }
  end
end

-- Granted: every charge.
redis.call('ZADD', KEYS[2], int(now_us), attempt)
redis.call('PEXPIRE', KEYS[2], int(math.ceil(window_us / 1000) + 1000))
redis.call('ZADD', KEYS[3], int(now_ms + tonumber(ARGV[2])), attempt)
redis.call('PEXPIRE', KEYS[3], int(tonumber(ARGV[2]) + 1000))
redis.call('HINCRBY', KEYS[4], int(slot), 1)
if ring[1] or safe_ms > 0 then
  redis.call('HINCRBY', KEYS[4], 'sum', 1)
else
  redis.call('HSET', KEYS[4], 'sum', '1', 'tail', int(slot), 'run_id', run_id, 'safe_ms', '0')
end
if budget then
  redis.call('HINCRBY', KEYS[5], 'left', -1)
end
if probing then
  redis.call('HSET', KEYS[6], 'state', 'half', 'probe', attempt, 'until_ms', int(now_ms + tonumber(ARGV[2])))
end
return { 1 }
