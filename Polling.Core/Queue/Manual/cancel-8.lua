-- cancel: takes a trigger's requests of one account back: those that wait, and those that were admitted and claimed by nobody. The cards of
-- such a call go back to the schedule with the due times that they had there; what others asked for in it is asked for again, first of all.
-- A call that was claimed goes on: it may be under way. Requests that come in later are stopped by promotion.
--
-- KEYS[1] manual    one element for each waiting request: its account
-- KEYS[2] requests  of the account: "<card> <requested ms> <trigger>"
-- KEYS[3] settled   requests that ended without a call: "<card> <trigger> <u = under way, c = cancelled>"
-- KEYS[4] queue     card id -> chunk score
-- KEYS[5] chunks    chunk score -> payload (payload.lua)
-- KEYS[6] fair      { n: the account's calls in the queue, t: its tokens in thousandths of a call } (promote-10.lua)
-- KEYS[7] schedule  of the account: card id -> due time, ms
-- KEYS[8] wake      account id -> next due time, ms
-- ARGV[1] account id
-- ARGV[2] trigger
-- ARGV[3..] scores of its calls in the queue (admitted-2.lua), together 2,500 cards or one call; those that are gone are passed over
--
-- Returns how many requests were taken back
-- @include now
-- @include numbers
-- @include payload
local CHUNK = 1000
local account_id, cancelled, settled = ARGV[1], ARGV[2], {}

local function push_all(command, key, values)
  for i = 1, #values, CHUNK do
    redis.call(command, key, unpack(values, i, math.min(i + CHUNK - 1, #values)))
  end
end

local kept = {}
for _, request in ipairs(redis.call('LRANGE', KEYS[2], 0, -1)) do
  local id, trigger = string.match(request, '^(%d+) %d+ (.+)$')
  if trigger == cancelled then
    settled[#settled + 1] = id .. ' ' .. trigger .. ' c'
  else
    kept[#kept + 1] = request
  end
end
if #settled > 0 then
  redis.call('DEL', KEYS[2])
  push_all('RPUSH', KEYS[2], kept)
  redis.call('LREM', KEYS[1], #settled, account_id)
end

-- From the last to the first, so that each request pushed comes before those pushed so far.
local calls, again, marks = 0, {}, {}
for i = #ARGV, 3, -1 do
  local payload = redis.call('HGET', KEYS[5], ARGV[i])
  payload = payload and payload_of_queued(KEYS[4], ARGV[i], payload)
  if payload then
    local _, _, _, _, _, list, by = payload_parse(payload)
    local words, triggers, adds = payload_words(list), payload_words(by), {}
    for j = #words - 1, 1, -2 do
      local id, due_ms, asked = words[j], words[j + 1], triggers[(j + 1) / 2]
      if asked and asked ~= '-' then
        local trigger, in_schedule_ms = string.match(asked, '^([^@]+)@?(%d*)$')
        if trigger == cancelled then
          settled[#settled + 1] = id .. ' ' .. trigger .. ' c'
        else
          again[#again + 1] = id .. ' ' .. due_ms .. ' ' .. trigger
          marks[#marks + 1] = account_id
        end
        due_ms = in_schedule_ms ~= '' and in_schedule_ms or due_ms
      end
      adds[#adds + 1] = due_ms
      adds[#adds + 1] = id
    end
    redis.call('ZADD', KEYS[7], unpack(adds))
    redis.call('ZREMRANGEBYSCORE', KEYS[4], ARGV[i], ARGV[i])
    redis.call('HDEL', KEYS[5], ARGV[i])
    calls = calls + 1
  end
end
if calls > 0 then
  push_all('LPUSH', KEYS[2], again)
  push_all('RPUSH', KEYS[1], marks)
  if tonumber(redis.call('HINCRBY', KEYS[6], 'n:' .. account_id, -calls)) <= 0 then
    redis.call('HDEL', KEYS[6], 'n:' .. account_id)
  end
  if redis.call('HEXISTS', KEYS[6], 't:' .. account_id) == 1 then
    -- What was not sent costs nothing.
    redis.call('HINCRBY', KEYS[6], 't:' .. account_id, calls * 1000)
  end
  redis.call('ZADD', KEYS[8], 'LT', int(now_ms), account_id)
end
push_all('RPUSH', KEYS[3], settled)
return #settled
