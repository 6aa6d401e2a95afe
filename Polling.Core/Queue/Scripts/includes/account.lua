-- An account as the scripts of a task type need it, published by the schedulers (AccountEntry.cs is the other side):
--   "<calls a second>|<cards a call>|<weight>|<1 active, 0 paused>|<rules>"
-- rules: those of the account only, in order of precedence, the first that matches wins:
--   "<card status>,<real-name status>,<package id>,<interval ms>,<configuration id>;..." with * for any.
local function account_parse(entry)
  local rate, cards, weight, active, rules = string.match(entry, '^(%d+)|(%d+)|(%d+)|(%d)|(.*)$')
  return {
    rate = tonumber(rate), cards = tonumber(cards), weight = tonumber(weight),
    active = active == '1', rules = rules, memo = {}
  }
end
-- Interval in ms for a card of this account; 0 = no configuration applies, or the card is terminated (3): not polled.
local function account_interval(account, facts)
  local profile = card_profile(facts)
  local known = account.memo[profile]
  if known then
    return known
  end
  local packed, p1, p2, p3 = string.byte(profile, 1, 4)
  local status, real_name = math.floor(packed / 16), packed % 16
  local package = (p1 * 256 + p2) * 256 + p3
  local interval = 0
  for s, r, p, ms in string.gmatch(account.rules, '([%d*]+),([%d*]+),([%d*]+),(%d+),%d+') do
    if status ~= 3 and (s == '*' or tonumber(s) == status) and (r == '*' or tonumber(r) == real_name)
      and (p == '*' or tonumber(p) == package) then
      interval = tonumber(ms)
      break
    end
  end
  account.memo[profile] = interval
  return interval
end
