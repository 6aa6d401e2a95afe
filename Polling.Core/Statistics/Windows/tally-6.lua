-- tally: adds what a process has counted in the last second to the slots of now.
--
-- KEYS[1] slot of 10 s, of the task type: figure -> count
-- KEYS[2] slot of 5 minutes, the same
-- KEYS[3] slot of an hour, the same
-- KEYS[4] slot of 10 s, of its accounts: "<account>:<figure>" -> count
-- KEYS[5] slot of 5 minutes, the same
-- KEYS[6] slot of an hour, the same
-- ARGV[1] number of the slot of 10 s that the keys are of
-- ARGV[2] how long the slots are kept, s: "<10 s> <5 minutes> <hour>"
-- ARGV[3] number of the task type's figures; then those and the accounts', each: figure, count
--
-- Returns 0 = added, or the number of the slot of 10 s that it is now: nothing was added, ask again with its keys
-- @include now
-- @include numbers
local slot = math.floor(now_ms / 10000)
if slot ~= tonumber(ARGV[1]) then
  return slot
end
local figures = tonumber(ARGV[3])
local first = 0
for kept in string.gmatch(ARGV[2], '%d+') do
  first = first + 1
  for i = 4, #ARGV - 1, 2 do
    local key = (i - 4) / 2 < figures and KEYS[first] or KEYS[3 + first]
    redis.call('HINCRBY', key, ARGV[i], ARGV[i + 1])
  end
  redis.call('EXPIRE', KEYS[first], kept)
  redis.call('EXPIRE', KEYS[3 + first], kept)
end
return 0
