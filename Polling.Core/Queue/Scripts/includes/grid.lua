-- Stable phase: a card's due times lie on its own grid, phase + k * interval, so that there is neither herd nor drift.
-- The phase is the card's place in the golden-ratio sequence, which spreads any run of ids evenly
-- (10368889 = 2^24 / 1.618...; exact in a double for ids below 7.9e8; PhaseGrid.cs is the other side).
local function grid_phase(id, span_ms)
  return math.floor((id * 10368889) % 16777216 * span_ms / 16777216)
end
-- More than six tenths of an interval after from_ms: half an interval, so that no card is asked twice within it, and the
-- tenth by which a call may take a card along early.
local function grid_earliest(interval_ms, from_ms)
  return from_ms + math.floor(interval_ms / 2) + math.floor(interval_ms / 10) + 1
end
-- The first grid point from earliest on.
local function grid_at(id, interval_ms, earliest)
  return earliest + (grid_phase(id, interval_ms) - earliest) % interval_ms
end
local function grid_next(id, interval_ms, from_ms)
  return grid_at(id, interval_ms, grid_earliest(interval_ms, from_ms))
end
-- Appends { due, card } of the cards ARGV[from..to]: what grid_at says of each, without a call for each. Returns the soonest.
local function grid_add(adds, from, to, interval_ms, earliest)
  local n, soonest, format = #adds, math.huge, string.format
  for i = from, to do
    local phase = (ARGV[i] * 10368889) % 16777216 * interval_ms / 16777216
    local due_ms = earliest + (phase - phase % 1 - earliest) % interval_ms
    if due_ms < soonest then
      soonest = due_ms
    end
    adds[n + 1], adds[n + 2] = format('%d', due_ms), ARGV[i]
    n = n + 2
  end
  return soonest
end
