-- cancel: takes a trigger's waiting requests out of one account's list. What was admitted already goes on: its call may be under
-- way. Requests that come in later are stopped by promotion.
--
-- KEYS[1] manual    one element for each waiting request: its account
-- KEYS[2] requests  of the account: "<card> <requested ms> <trigger>"
-- KEYS[3] settled   requests that ended without a call: "<card> <trigger> <u = under way, c = cancelled>"
-- ARGV[1] account id
-- ARGV[2] trigger
--
-- Returns how many were taken out
local CHUNK = 1000
local kept, settled = {}, {}
for _, request in ipairs(redis.call('LRANGE', KEYS[2], 0, -1)) do
  local id, trigger = string.match(request, '^(%d+) %d+ (.+)$')
  if trigger == ARGV[2] then
    settled[#settled + 1] = id .. ' ' .. trigger .. ' c'
  else
    kept[#kept + 1] = request
  end
end
if #settled == 0 then
  return 0
end
redis.call('DEL', KEYS[2])
for i = 1, #kept, CHUNK do
  redis.call('RPUSH', KEYS[2], unpack(kept, i, math.min(i + CHUNK - 1, #kept)))
end
for i = 1, #settled, CHUNK do
  redis.call('RPUSH', KEYS[3], unpack(settled, i, math.min(i + CHUNK - 1, #settled)))
end
redis.call('LREM', KEYS[1], #settled, ARGV[1])
return #settled
