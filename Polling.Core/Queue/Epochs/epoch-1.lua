-- epoch: puts a new epoch in force, if nobody else has done so since the caller looked.
--
-- KEYS[1] epoch  { epoch, fence, run_id, initialisation (InitialisationProgress.cs) }
-- ARGV[1] epoch that the caller saw ('' = none)
-- ARGV[2] new epoch, from the PostgreSQL sequence
-- ARGV[3] run id of the Redis process that it is given to
--
-- Returns 1, or 0 when another epoch is in force already
local seen = redis.call('HGET', KEYS[1], 'epoch') or ''
if seen ~= ARGV[1] then
  return 0
end
redis.call('HSET', KEYS[1], 'epoch', ARGV[2], 'run_id', ARGV[3])
return 1
