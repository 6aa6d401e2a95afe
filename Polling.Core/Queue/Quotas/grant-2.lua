-- grant: puts a block of the monthly budget, reserved in PostgreSQL before, where acquire takes calls from. A block
-- counts once: one that was granted before, or that a later one overtook, is dropped and counts as used.
--
-- KEYS[1] limits  { run_id, ... } (acquire-6.lua)
-- KEYS[2] month   { month, left, upto, run_id, gone, fetching_ms } (acquire-6.lua)
-- ARGV[1] month, "yyyy-MM-dd"
-- ARGV[2] calls in the block; 0 = PostgreSQL has no more to give
-- ARGV[3] the month's calls reserved in PostgreSQL, this block included (0 when there is none)
-- ARGV[4] budget that the caller of acquire was told; a budget that is used up is remembered by it
--
-- Returns { 1, calls left } or { 0 } dropped
-- @include numbers
local run_id = redis.call('HGET', KEYS[1], 'run_id') or ''
local held = redis.call('HMGET', KEYS[2], 'month', 'left', 'upto', 'run_id')
if held[1] and ARGV[1] < held[1] then
  return { 0 }
end
if ARGV[2] == '0' then
  redis.call('HSET', KEYS[2], 'gone', ARGV[1] .. '|' .. ARGV[4], 'fetching_ms', '0')
  return { 1, 0 }
end
local left = 0
if held[1] == ARGV[1] then
  if tonumber(ARGV[3]) <= tonumber(held[3]) then
    return { 0 }
  end
  -- What an earlier run of Redis left of its blocks counts as used, and so does a block between that never came.
  left = held[4] == run_id and tonumber(held[2]) or 0
end
left = left + tonumber(ARGV[2])
redis.call('HSET', KEYS[2], 'month', ARGV[1], 'left', int(left), 'upto', ARGV[3], 'run_id', run_id, 'fetching_ms', '0')
return { 1, math.floor(left) }
