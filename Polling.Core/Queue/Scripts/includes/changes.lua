-- Changes of cached facts, numbered, the latest 10,000: who has read facts learns from them whether they still hold, without reading
-- them again. Cards that the cache did not know are not among them: nobody has read their facts.
local CHANGES_KEPT = 10000
local changes_first, changes_last
-- The number of the last change, 0 = none; and of the oldest that is kept.
local function changes_known(changes_key)
  if not changes_last then
    local last = redis.call('ZRANGE', changes_key, -1, -1, 'WITHSCORES')
    local first = last[2] and redis.call('ZRANGE', changes_key, 0, 0, 'WITHSCORES') or last
    changes_first, changes_last = tonumber(first[2] or '0'), tonumber(last[2] or '0')
  end
  return changes_last, changes_first
end
-- Whether facts of the cards ARGV[from..to], of which the changes up to `seen` were known, may have changed.
local function changes_since(changes_key, seen, from, to)
  local last, first = changes_known(changes_key)
  if seen == last then
    return false
  end
  if seen < first or seen > last then
    return true
  end
  for _, change in ipairs(redis.call('ZMSCORE', changes_key, unpack(ARGV, from, to))) do
    if change and tonumber(change) > seen then
      return true
    end
  end
  return false
end
local function changes_mark(changes_key, ids)
  if #ids > 0 then
    local number, adds = int(changes_known(changes_key) + 1), {}
    for i, id in ipairs(ids) do
      adds[i * 2 - 1], adds[i * 2] = number, id
    end
    redis.call('ZADD', changes_key, unpack(adds))
    redis.call('ZREMRANGEBYRANK', changes_key, 0, -CHANGES_KEPT - 1)
  end
end
