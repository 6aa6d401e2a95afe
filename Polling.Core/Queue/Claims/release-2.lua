-- release: ends permits, as their gateway calls have ended. The leases go on until the results are durable.
--
-- KEYS[1] permits   call -> expiry, ms
-- KEYS[2] current   number of permits held
-- ARGV    calls
--
-- Returns the number of permits held now
-- @include now
-- @include numbers
-- @include permits
redis.call('ZREM', KEYS[1], unpack(ARGV))
return permits_publish(KEYS[1], KEYS[2], now_ms)
