-- The time of this script: Redis TIME, never a process's clock.
-- A simulation replaces this include by one that reads a given time.
local time = redis.call('TIME')
local now_us = tonumber(time[1]) * 1000000 + tonumber(time[2])
local now_ms = math.floor(now_us / 1000)
