-- The epoch changes whenever Redis lost data; a caller of another epoch must not write.
-- KEYS[1] is the hash { epoch, fence, run_id } of the task type, ARGV[1] the epoch the caller knows.
if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then
  return { -1 }
end
