-- Permits are a sorted set by expiry: there is no free-running counter to leak. The contract's `current` is
-- written from the set's true size; when not 0 it expires with the last permit, so that it is true (absent = 0)
-- after every process has died.
local function permits_publish(permits_key, current_key, at_ms)
  redis.call('ZREMRANGEBYSCORE', permits_key, '-inf', int(at_ms))
  local held = redis.call('ZCARD', permits_key)
  if held == 0 then
    redis.call('SET', current_key, '0')
  else
    local last = redis.call('ZRANGE', permits_key, -1, -1, 'WITHSCORES')
    redis.call('SET', current_key, int(held), 'PX', int(math.max(1, tonumber(last[2]) - at_ms)))
  end
  return held
end
