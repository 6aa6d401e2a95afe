-- What a chunk in the queue carries, and with "|<executor>" behind it the call that it becomes:
--   "<account>|<cards>|<admitted ms>|<attempts>|<cause>|<traceparent>|<id> <due ms> <id> <due ms> ...|<trigger> <trigger> ..."
-- cause: what its cards waited for in the schedule, one letter (LatenessCauses.cs); triggers: one for each card, "<name>@<due ms in the
-- schedule>" (the due ms of the list is when it was asked for), - = polled; none at all in a call that nobody asked for by hand.
local function payload_format(account_id, count, admitted_ms, attempts, cause, trace, list, triggers)
  return account_id .. '|' .. count .. '|' .. admitted_ms .. '|' .. attempts .. '|' .. cause .. '|' .. trace .. '|' .. list .. '|' .. triggers
end
-- Returns account, cards, attempts, cause, traceparent, list, triggers; text each.
local function payload_parse(payload)
  return string.match(payload, '^(%d+)|(%d+)|%d+|(%d+)|([^|]*)|([^|]*)|([^|]*)|([^|]*)|?[^|]*$')
end
local function payload_words(text)
  local words = {}
  for word in string.gmatch(text, '[^ ]+') do
    words[#words + 1] = word
  end
  return words
end
