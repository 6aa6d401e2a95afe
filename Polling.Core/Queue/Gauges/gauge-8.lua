-- gauge: writes the figures that operators read with redis-cli, once a second, from the true sizes.
--
-- KEYS[1] stats    the contract's hash of the task type
-- KEYS[2] minutes  "<minute>:<figure>" -> count (statistics by minute)
-- KEYS[3] queue    card id -> chunk score
-- KEYS[4] leases   "<token>:<account>:<cards>" -> expiry, ms
-- KEYS[5] permits  call -> expiry, ms
-- KEYS[6] current  number of permits held
-- KEYS[7] config   number of permits allowed
-- KEYS[8] fair     c:<account> = what its due cards wait for (promote-10.lua)
-- KEYS[9..]        schedules of all accounts
-- ARGV[1] length of the window, minutes
-- ARGV[2..]        the accounts, in the order of KEYS[9..]
--
-- Returns { due_total, queued, leased, permits held, permits allowed, oldest due ms (0 = none), scheduled, success, failed,
--   duration ms of all tasks, now ms, due in the schedules by what they wait for: quota, breaker, permit, worker, backlog }
-- @include now
-- @include numbers
-- @include permits
local held = permits_publish(KEYS[5], KEYS[6], now_ms)
local limit = tonumber(redis.call('GET', KEYS[7]) or '0')
local queued, leased = redis.call('ZCARD', KEYS[3]), 0
for _, call in ipairs(redis.call('ZRANGE', KEYS[4], 0, -1)) do
  leased = leased + tonumber(string.match(call, ':(%d+)$'))
end
local due, scheduled, oldest_ms = queued + leased, 0, 0
local due_for = { q = 0, b = 0, p = 0, w = 0, k = 0 }
for i = 9, #KEYS do
  scheduled = scheduled + redis.call('ZCARD', KEYS[i])
  local due_here = redis.call('ZCOUNT', KEYS[i], '-inf', int(now_ms))
  if due_here > 0 then
    local head_ms = tonumber(redis.call('ZRANGE', KEYS[i], 0, 0, 'WITHSCORES')[2])
    local cause = redis.call('HGET', KEYS[8], 'c:' .. ARGV[i - 7])
    cause = cause and due_for[cause] and cause or 'k'
    due_for[cause] = due_for[cause] + due_here
    due, oldest_ms = due + due_here, oldest_ms == 0 and head_ms or math.min(oldest_ms, head_ms)
  end
end

local window, this_minute = tonumber(ARGV[1]), math.floor(now_ms / 60000)
local fields, figures = {}, { 'success', 'failed', 'calls', 'duration_ms' }
for minute = this_minute - window + 1, this_minute do
  for _, figure in ipairs(figures) do
    fields[#fields + 1] = int(minute) .. ':' .. figure
  end
end
local counts, sums = redis.call('HMGET', KEYS[2], unpack(fields)), { 0, 0, 0, 0 }
for i = 1, #fields do
  if counts[i] then
    local figure = (i - 1) % 4 + 1
    sums[figure] = sums[figure] + tonumber(counts[i])
  end
end
-- A day of minutes is kept; the one that fell out of it a minute ago goes now.
for back = 1441, 1445 do
  for _, figure in ipairs(figures) do
    redis.call('HDEL', KEYS[2], int(this_minute - back) .. ':' .. figure)
  end
end
local success, failed, calls, duration_ms = sums[1], sums[2], sums[3], sums[4]
local total = success + failed
redis.call('HSET', KEYS[1],
  'total', int(total), 'success', int(success), 'failed', int(failed),
  'success_rate', total > 0 and string.format('%.2f', success * 100 / total) or '',
  'avg_duration_ms', total > 0 and string.format('%.1f', duration_ms / total) or '',
  'calls', int(calls), 'due_total', int(due), 'due_quota', int(due_for.q), 'due_breaker', int(due_for.b), 'due_permit', int(due_for.p),
  'due_worker', int(due_for.w), 'due_backlog', int(due_for.k), 'queued', int(queued), 'leased', int(leased), 'scheduled', int(scheduled),
  'oldest_due_ms', int(oldest_ms), 'window_seconds', int(window * 60),
  'window_started_at_ms', int((this_minute - window + 1) * 60000), 'updated_at_ms', int(now_ms))
return { due, queued, leased, held, limit, math.floor(oldest_ms), scheduled, success, failed, duration_ms, now_ms,
  due_for.q, due_for.b, due_for.p, due_for.w, due_for.k }
