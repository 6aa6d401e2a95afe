-- What a chunk in the queue carries, and with "|<executor>" behind it the call that it becomes:
--   "<account>|<cards>|<admitted ms>|<attempts>|<cause>|<traceparent>|<id> <due ms> <id> <due ms> ...|<trigger> <trigger> ..."
-- cause: what its cards waited for in the schedule, one letter (LatenessCauses.cs); triggers: one for each card, "<name>@<due ms in the
-- schedule>" (the due ms of the list is when it was asked for), - = polled; none at all in a call that nobody asked for by hand.
-- A later version may add fields behind the triggers: this one passes over them, and does not keep them where it writes a payload anew.
local function payload_format(account_id, count, admitted_ms, attempts, cause, trace, list, triggers)
  return account_id .. '|' .. count .. '|' .. admitted_ms .. '|' .. attempts .. '|' .. cause .. '|' .. trace .. '|' .. list .. '|' .. triggers
end
-- Returns account, cards, attempts, cause, traceparent, list, triggers; text each.
local function payload_parse(payload)
  return string.match(payload, '^(%d+)|(%d+)|%d+|(%d+)|([^|]*)|([^|]*)|([^|]*)|([^|]*)')
end
local function payload_words(text)
  local words = {}
  for word in string.gmatch(text, '[^ ]+') do
    words[#words + 1] = word
  end
  return words
end
-- A chunk's payload with those of its cards only that are in the queue: somebody may have deleted others by hand, and who is in no place by
-- its name is given one again by the audit. nil = none of them is in the queue.
local function payload_of_queued(queue_key, score, payload)
  if redis.call('ZCOUNT', queue_key, score, score) == tonumber(string.match(payload, '^%d+|(%d+)|')) then
    return payload
  end
  local account_id, _, attempts, cause, trace, list, by = payload_parse(payload)
  local words, triggers, kept, kept_by = payload_words(list), payload_words(by), {}, {}
  for i = 1, #words, 2 do
    local at = redis.call('ZSCORE', queue_key, words[i])
    if at and tonumber(at) == tonumber(score) then
      kept[#kept + 1] = words[i] .. ' ' .. words[i + 1]
      kept_by[#kept_by + 1] = triggers[(i + 1) / 2]
    end
  end
  return #kept > 0 and payload_format(account_id, int(#kept), string.match(payload, '^%d+|%d+|(%d+)'), attempts, cause, trace,
    table.concat(kept, ' '), table.concat(kept_by, ' ')) or nil
end
