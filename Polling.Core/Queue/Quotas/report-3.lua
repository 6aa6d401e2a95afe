-- report: ends attempts that acquire granted, and learns from their results in the order given. An attempt counts once; one
-- that has ended already, by a report or by its time, changes nothing.
--
-- Circuit: closed; open from 5 transport failures in a row, or from half of at least 20 calls failed in the last 5 to
-- 10 s, until its back-off is over (5 s, doubled up to 5 min while it opens again within a minute of closing); then
-- half open: acquire lets one probe through, whose result closes or opens it.
-- Concurrency: the limit halves, at most once a second, when the carrier throttles, or when the smoothed latency is
-- more than twice its minimum of the last 5 to 10 minutes; it grows by 1 after as many successes as it is high.
-- After a cut for latency the minimum rises by a quarter: a carrier that stays slow keeps some concurrency.
--
-- KEYS[1] limits    { max_in_flight, ... } (acquire-6.lua)
-- KEYS[2] in flight attempt -> expiry, ms
-- KEYS[3] circuit   { state = closed | open | half, until_ms, probe, back_off_ms, closed_ms, row = transport failures in
--                   a row, from_ms, calls, failed, calls_before, failed_before = of this 5 s and the 5 s before;
--                   limit (absent or 0 = max_in_flight), cut_ms, successes, latency_us = smoothed, floor_us, floor_before_us,
--                   floor_from_ms }
-- KEYS[4..]         the same three of each further account
-- ARGV    of each account: its number of attempts, and for each: its name; its result: ok, throttled (429, over quota),
--         refused (an error of the call, 5xx included), transport (no or no usable answer, or too late), none (given up by us:
--         says nothing about the carrier); its latency, ms
--
-- Returns for each attempt { 1, state, concurrency limit, 1 = the state has changed } or { 0 } it had ended
-- @include now
-- @include numbers
local HALF_MS, CALLS_MIN, ROW_MAX = 5000, 20, 5
local BACK_OFF_MIN_MS, BACK_OFF_MAX_MS, STABLE_MS = 5000, 300000, 60000
local FLOOR_MS, SMOOTHING = 300000, 32
local NAMES = { 'state', 'until_ms', 'probe', 'back_off_ms', 'closed_ms', 'row', 'from_ms', 'calls', 'failed',
  'calls_before', 'failed_before', 'limit', 'cut_ms', 'successes', 'latency_us', 'floor_us', 'floor_before_us',
  'floor_from_ms' }
local reply = {}

local function open(c)
  local back_off_ms = c.back_off_ms
  if back_off_ms == 0 or (c.state == 'closed' and now_ms - c.closed_ms > STABLE_MS) then
    back_off_ms = BACK_OFF_MIN_MS
  else
    back_off_ms = math.min(BACK_OFF_MAX_MS, back_off_ms * 2)
  end
  c.state, c.until_ms, c.back_off_ms = 'open', now_ms + back_off_ms, back_off_ms
end

-- Circuit. Results of calls that were under way when it opened decide nothing. Returns whether its state has changed.
local function judge(c, result, is_probe)
  if is_probe then
    if result == 'ok' then
      c.state, c.closed_ms, c.row, c.from_ms = 'closed', now_ms, 0, now_ms
      c.calls, c.failed, c.calls_before, c.failed_before = 0, 0, 0, 0
    else
      open(c)
    end
    return true
  end
  if c.state ~= 'closed' then
    return false
  end
  if now_ms - c.from_ms >= HALF_MS then
    local adjoining = now_ms - c.from_ms < 2 * HALF_MS
    c.calls_before, c.failed_before = adjoining and c.calls or 0, adjoining and c.failed or 0
    c.calls, c.failed, c.from_ms = 0, 0, now_ms
  end
  c.calls = c.calls + 1
  if result ~= 'ok' then
    c.failed = c.failed + 1
  end
  c.row = result == 'transport' and c.row + 1 or 0
  local calls, failed = c.calls + c.calls_before, c.failed + c.failed_before
  if c.row >= ROW_MAX or (result ~= 'ok' and calls >= CALLS_MIN and failed * 2 >= calls) then
    open(c)
    return true
  end
  return false
end

-- Concurrency. Returns the limit in force.
local function adapt(c, result, latency_us, in_flight_max)
  local limit = math.min(in_flight_max, c.limit > 0 and c.limit or in_flight_max)
  local cut = result == 'throttled'
  if result == 'ok' then
    local smoothed = c.latency_us
    if smoothed == 0 then
      smoothed = math.max(1, latency_us)
    else
      -- One that hangs says little about the others: a sample counts as four times the usual at most.
      smoothed = smoothed + (math.min(latency_us, 4 * smoothed) - smoothed) / SMOOTHING
    end
    c.latency_us = math.max(1, math.floor(smoothed))
    if now_ms - c.floor_from_ms >= FLOOR_MS then
      c.floor_before_us, c.floor_us, c.floor_from_ms = c.floor_us, c.latency_us, now_ms
    elseif c.floor_us == 0 or c.latency_us < c.floor_us then
      c.floor_us = c.latency_us
    end
    local floor_us = c.floor_before_us > 0 and math.min(c.floor_us, c.floor_before_us) or c.floor_us
    if c.latency_us > 2 * floor_us and now_ms - c.cut_ms >= 1000 then
      cut = true
      c.floor_us, c.floor_before_us = math.floor(c.floor_us * 5 / 4), math.floor(c.floor_before_us * 5 / 4)
    end
  end
  if cut then
    if now_ms - c.cut_ms >= 1000 then
      limit = math.max(1, math.floor(limit / 2))
      c.limit, c.cut_ms, c.successes = limit, now_ms, 0
    end
  elseif result == 'ok' and limit < in_flight_max then
    if c.successes + 1 >= limit then
      limit = limit + 1
      c.limit, c.successes = limit < in_flight_max and limit or 0, 0
    else
      c.successes = c.successes + 1
    end
  elseif c.limit >= in_flight_max then
    c.limit = 0
  end
  return limit
end

local function report(key, first, count)
  local limits_key, in_flight_key, circuit_key = KEYS[key], KEYS[key + 1], KEYS[key + 2]
  local values, c, before = redis.call('HMGET', circuit_key, unpack(NAMES)), {}, {}
  for i, name in ipairs(NAMES) do
    if i == 1 or i == 3 then
      c[name] = values[i] or (i == 1 and 'closed' or '')
    else
      c[name] = tonumber(values[i] or '0')
    end
    before[name] = c[name]
  end
  local in_flight_max = tonumber(redis.call('HGET', limits_key, 'max_in_flight') or '1')
  for i = 1, count do
    local attempt, result = ARGV[first + i * 3 - 3], ARGV[first + i * 3 - 2]
    if redis.call('ZREM', in_flight_key, attempt) == 0 then
      reply[#reply + 1] = { 0 }
    else
      local is_probe = c.state == 'half' and c.probe == attempt
      local limit, changed = math.min(in_flight_max, c.limit > 0 and c.limit or in_flight_max), false
      if result ~= 'none' then
        changed = judge(c, result, is_probe)
        limit = adapt(c, result, tonumber(ARGV[first + i * 3 - 1]) * 1000, in_flight_max)
      elseif is_probe then
        -- Another may be the probe at once.
        c.until_ms = now_ms
      end
      reply[#reply + 1] = { 1, c.state, math.floor(limit), changed and 1 or 0 }
    end
  end
  local writes = {}
  for _, name in ipairs(NAMES) do
    local value = c[name]
    if value ~= before[name] then
      writes[#writes + 1] = name
      writes[#writes + 1] = type(value) == 'number' and int(value) or value
    end
  end
  if #writes > 0 then
    redis.call('HSET', circuit_key, unpack(writes))
  end
end

local key, at = 1, 1
while at <= #ARGV do
  local count = tonumber(ARGV[at])
  report(key, at + 1, count)
  key, at = key + 3, at + 1 + count * 3
end
return reply
