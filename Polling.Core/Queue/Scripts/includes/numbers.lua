-- Lua 5.1 (Redis, Valkey) and 5.4 (Garnet) differ in unpack and in how they print numbers.
local unpack = unpack or table.unpack
-- Whole numbers as text: tostring loses digits above 1e14 in 5.1 and prints "5.0" in 5.4. Fractions are an error in 5.4.
local function int(value)
  return string.format('%d', value)
end
