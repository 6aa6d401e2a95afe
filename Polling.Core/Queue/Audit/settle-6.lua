-- settle: makes the queue's books agree after somebody deleted members by hand. A chunk's payload names the cards that are in
-- the queue, a call whose lease is gone gets one that has ended, so that the next claim puts its cards back, each account's
-- number of queued calls is counted anew, and so are the manual requests that wait.
--
-- KEYS[1] queue   card id -> chunk score
-- KEYS[2] chunks  chunk score -> payload (payload.lua)
-- KEYS[3] fair    n:<account> = its calls in the queue
-- KEYS[4] manual  one element for each waiting request: its account
-- KEYS[5] leases  call -> expiry, ms
-- KEYS[6] calls   call -> payload
-- KEYS[7..]       the waiting requests of all accounts
-- ARGV    the accounts' ids, in the order of KEYS[7..]
--
-- Returns { chunks mended, chunks without cards removed, counts mended, leases mended }
-- @include now
-- @include numbers
-- @include payload
local mended, removed, recounted, calls = 0, 0, 0, {}
for _, score in ipairs(redis.call('HKEYS', KEYS[2])) do
  local payload = redis.call('HGET', KEYS[2], score)
  local kept = payload_of_queued(KEYS[1], score, payload)
  local account_id = kept and string.match(kept, '^(%d+)|')
  if not kept then
    redis.call('HDEL', KEYS[2], score)
    redis.call('ZREMRANGEBYSCORE', KEYS[1], score, score)
    removed = removed + 1
  elseif kept ~= payload then
    redis.call('HSET', KEYS[2], score, kept)
    mended = mended + 1
  end
  if account_id then
    calls[account_id] = (calls[account_id] or 0) + 1
  end
end
local fair = redis.call('HGETALL', KEYS[3])
for i = 1, #fair, 2 do
  local account_id = string.match(fair[i], '^n:(%d+)$')
  if account_id and tonumber(fair[i + 1]) ~= (calls[account_id] or 0) then
    if calls[account_id] then
      redis.call('HSET', KEYS[3], fair[i], int(calls[account_id]))
    else
      redis.call('HDEL', KEYS[3], fair[i])
    end
    recounted = recounted + 1
  end
end
local released = 0
for _, call in ipairs(redis.call('HKEYS', KEYS[6])) do
  if not redis.call('ZSCORE', KEYS[5], call) then
    redis.call('ZADD', KEYS[5], int(now_ms), call)
    released = released + 1
  end
end
-- The list that operators count: rebuilt when its length is not that of the accounts' lists together.
local waiting = 0
for i = 1, #ARGV do
  waiting = waiting + redis.call('LLEN', KEYS[6 + i])
end
if #ARGV > 0 and waiting ~= redis.call('LLEN', KEYS[4]) then
  redis.call('DEL', KEYS[4])
  for i = 1, #ARGV do
    local left = redis.call('LLEN', KEYS[6 + i])
    while left > 0 do
      local marks = {}
      for j = 1, math.min(left, 5000) do
        marks[j] = ARGV[i]
      end
      redis.call('RPUSH', KEYS[4], unpack(marks))
      left = left - #marks
    end
  end
  recounted = recounted + 1
end
return { mended, removed, recounted, released }
