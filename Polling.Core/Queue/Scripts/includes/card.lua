-- Cards in one hash of the cache: small enough that finding one of them is quick, large enough that the hash costs little
-- (RedisKeys.cs is the other side).
local CARDS_PER_BUCKET = 32
-- Card facts, packed (CardFacts.cs is the other side):
--   byte 1      flags: bit 0 realname placed, bit 1 carddata placed, bit 2 package placed
--   bytes 2-3   account id
--   byte 4      card status * 16 + real-name status
--   bytes 5-7   package id (0 = none)
--   bytes 8-11  row version
--   byte 12     number of hex digits of the card's number at the carrier
--   bytes 13-   these digits, two a byte
local function card_flags(facts)
  return string.byte(facts, 1)
end
local function card_account(facts)
  local high, low = string.byte(facts, 2, 3)
  return high * 256 + low
end
local function card_version(facts)
  local a, b, c, d = string.byte(facts, 8, 11)
  return ((a * 256 + b) * 256 + c) * 256 + d
end
-- All that says whether, how often and by which account a card is polled; the functions above take it for the facts.
local function card_head(facts)
  return string.sub(facts, 1, 7)
end
-- What rules look at: status, real-name status and package, as one memo key.
local function card_profile(facts)
  return string.sub(facts, 4, 7)
end
local function card_is_placed(facts, bit)
  return math.floor(card_flags(facts) / bit) % 2 == 1
end
local function card_with_placed(facts, bit, placed)
  local flags = card_flags(facts)
  if (math.floor(flags / bit) % 2 == 1) == placed then
    return facts
  end
  return string.char(placed and flags + bit or flags - bit) .. string.sub(facts, 2)
end
-- The newer of two facts by row version, keeping the flags that Redis holds.
local function card_newer(held, given)
  if given == '' then
    return held
  end
  if not held then
    return given
  end
  if card_version(given) <= card_version(held) then
    return held
  end
  return string.sub(held, 1, 1) .. string.sub(given, 2)
end
