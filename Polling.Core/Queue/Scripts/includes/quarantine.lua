-- Cards that fail by themselves, again and again, are set aside: they would waste calls, and a call that dies of one
-- card would hold up the others. Only what is about the card itself counts: an answer about that card, or the
-- expiry of a lease that it was alone in. One success starts the count anew.
-- Returns whether the card is in quarantine now.
local function quarantine_count(failures_key, quarantine_key, id_text, limit, at_ms)
  local failures = redis.call('HINCRBY', failures_key, id_text, 1)
  if tonumber(failures) < limit then
    return false
  end
  redis.call('HDEL', failures_key, id_text)
  redis.call('ZADD', quarantine_key, int(at_ms), id_text)
  return true
end
