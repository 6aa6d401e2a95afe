-- reset: makes the permits of a task type true. A permit ends with its gateway call, and a call runs only under a lease: a
-- permit without one was left behind (somebody deleted keys by hand) and is dropped. What runs keeps its permit.
--
-- KEYS[1] permits  call -> expiry, ms
-- KEYS[2] current  number of permits held
-- KEYS[3] leases   call -> expiry, ms
--
-- Returns { permits dropped, permits held now }
-- @include now
-- @include numbers
-- @include permits
local gone, dropped = {}, 0
local function drop()
  if #gone > 0 then
    dropped = dropped + redis.call('ZREM', KEYS[1], unpack(gone))
    gone = {}
  end
end
for _, call in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. int(now_ms), '+inf')) do
  if not redis.call('ZSCORE', KEYS[3], call) then
    gone[#gone + 1] = call
  end
  if #gone == 5000 then
    drop()
  end
end
drop()
return { dropped, permits_publish(KEYS[1], KEYS[2], now_ms) }
