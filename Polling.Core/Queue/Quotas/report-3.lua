-- report: ends an attempt that acquire granted, and learns from its result. An attempt counts once; one that has ended
-- already, by a report or by its time, changes nothing.
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
-- ARGV[1] attempt
-- ARGV[2] result: ok, throttled (429, over quota), refused (an error of the call, 5xx included), transport (no or no
--         usable answer, or too late), none (given up by us: says nothing about the carrier)
-- ARGV[3] latency, ms
--
-- Returns { 1, state, concurrency limit, 1 = the state has changed } or { 0 } it had ended
-- @include now
-- @include numbers
local HALF_MS, CALLS_MIN, ROW_MAX = 5000, 20, 5
local BACK_OFF_MIN_MS, BACK_OFF_MAX_MS, STABLE_MS = 5000, 300000, 60000
local FLOOR_MS, SMOOTHING = 300000, 32
local attempt, result, latency_us = ARGV[1], ARGV[2], tonumber(ARGV[3]) * 1000
if redis.call('ZREM', KEYS[2], attempt) == 0 then
  return { 0 }
end
local names = { 'state', 'until_ms', 'probe', 'back_off_ms', 'closed_ms', 'row', 'from_ms', 'calls', 'failed',
  'calls_before', 'failed_before', 'limit', 'cut_ms', 'successes', 'latency_us', 'floor_us', 'floor_before_us',
  'floor_from_ms' }
local values, c = redis.call('HMGET', KEYS[3], unpack(names)), {}
for i, name in ipairs(names) do
  if i == 1 or i == 3 then
    c[name] = values[i]
  else
    c[name] = tonumber(values[i] or '0')
  end
end
local state = c.state or 'closed'
local in_flight_max = tonumber(redis.call('HGET', KEYS[1], 'max_in_flight') or '1')
local limit = math.min(in_flight_max, c.limit > 0 and c.limit or in_flight_max)
local writes = {}
local function write(name, value)
  c[name] = value
  writes[#writes + 1] = name
  writes[#writes + 1] = type(value) == 'number' and int(value) or value
end
local function finish(changed)
  if #writes > 0 then
    redis.call('HSET', KEYS[3], unpack(writes))
  end
  return { 1, c.state or 'closed', math.floor(limit), changed and 1 or 0 }
end

local is_probe = state == 'half' and c.probe == attempt
if result == 'none' then
  if is_probe then
    -- Another may be the probe at once.
    write('until_ms', now_ms)
  end
  return finish(false)
end

local function open()
  local back_off_ms = c.back_off_ms
  if back_off_ms == 0 or (state == 'closed' and now_ms - c.closed_ms > STABLE_MS) then
    back_off_ms = BACK_OFF_MIN_MS
  else
    back_off_ms = math.min(BACK_OFF_MAX_MS, back_off_ms * 2)
  end
  write('state', 'open')
  write('until_ms', now_ms + back_off_ms)
  write('back_off_ms', back_off_ms)
end

-- Circuit. Results of calls that were under way when it opened decide nothing.
local changed = false
if is_probe then
  changed = true
  if result == 'ok' then
    write('state', 'closed')
    write('closed_ms', now_ms)
    write('row', 0)
    write('from_ms', now_ms)
    write('calls', 0)
    write('failed', 0)
    write('calls_before', 0)
    write('failed_before', 0)
  else
    open()
  end
elseif state == 'closed' then
  if now_ms - c.from_ms >= HALF_MS then
    local adjoining = now_ms - c.from_ms < 2 * HALF_MS
    write('calls_before', adjoining and c.calls or 0)
    write('failed_before', adjoining and c.failed or 0)
    write('calls', 0)
    write('failed', 0)
    write('from_ms', now_ms)
  end
  write('calls', c.calls + 1)
  if result ~= 'ok' then
    write('failed', c.failed + 1)
  end
  local row = result == 'transport' and c.row + 1 or 0
  if row ~= c.row then
    write('row', row)
  end
  local calls, failed = c.calls + c.calls_before, c.failed + c.failed_before
  if row >= ROW_MAX or (result ~= 'ok' and calls >= CALLS_MIN and failed * 2 >= calls) then
    open()
    changed = true
  end
end

-- Concurrency.
local cut = result == 'throttled'
if result == 'ok' then
  local smoothed = c.latency_us
  if smoothed == 0 then
    smoothed = math.max(1, latency_us)
  else
    -- One that hangs says little about the others: a sample counts as four times the usual at most.
    smoothed = smoothed + (math.min(latency_us, 4 * smoothed) - smoothed) / SMOOTHING
  end
  write('latency_us', math.max(1, math.floor(smoothed)))
  if now_ms - c.floor_from_ms >= FLOOR_MS then
    write('floor_before_us', c.floor_us)
    write('floor_us', c.latency_us)
    write('floor_from_ms', now_ms)
  elseif c.floor_us == 0 or c.latency_us < c.floor_us then
    write('floor_us', c.latency_us)
  end
  local floor_us = c.floor_before_us > 0 and math.min(c.floor_us, c.floor_before_us) or c.floor_us
  if c.latency_us > 2 * floor_us and now_ms - c.cut_ms >= 1000 then
    cut = true
    write('floor_us', math.floor(c.floor_us * 5 / 4))
    write('floor_before_us', math.floor(c.floor_before_us * 5 / 4))
  end
end
if cut then
  if now_ms - c.cut_ms >= 1000 then
    limit = math.max(1, math.floor(limit / 2))
    write('limit', limit)
    write('cut_ms', now_ms)
    write('successes', 0)
  end
elseif result == 'ok' and limit < in_flight_max then
  if c.successes + 1 >= limit then
    limit = limit + 1
    write('limit', limit < in_flight_max and limit or 0)
    write('successes', 0)
  else
    write('successes', c.successes + 1)
  end
elseif c.limit >= in_flight_max then
  write('limit', 0)
end
return finish(changed)
