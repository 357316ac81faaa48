-- Drives wrk over a prepared plan; called as `wrk … -s load.lua URL -- plan.lua`, with one thread.
--
-- The plan is a Lua table: { requests = { {method, path, headers, body}, … }, numbered = bool, successor = pattern }
--   numbered   "@@@@@@" in a request becomes its number, so that no two requests are alike
--   may_shed   a 503 is counted by itself, and its connection waits a second before it asks again
--   successor  each answer holds the token for the next request of its session: "@token@" in the body stands for it

local number = 0
local plan
local raw = {}
local waiting = {}
local first, last = 1, 0
local threads = {}
local pause = 0
shed = 0

local function render(entry, body)
  return wrk.format(entry[1], entry[2], entry[3], body or entry[4])
end

local function next_prepared()
  number = number + 1
  local text = raw[(number - 1) % #raw + 1]
  if plan.numbered then
    text = text:gsub("@@@@@@", string.format("%06d", number % 1000000))
  end
  return text
end

local function next_of_session()
  local session = waiting[first]
  waiting[first] = nil
  first = first + 1
  local entry = plan.requests[1]
  return render(entry, (entry[4]:gsub("@token@", session)))
end

local function keep_successor(status, headers, body)
  local token = body:match(plan.successor)
  if token then
    last = last + 1
    waiting[last] = token
  end
end

local function count_shed(status)
  if status == 503 then
    shed = shed + 1
    pause = 1000
  end
end

local function pause_once()
  local now = pause
  pause = 0
  return now
end

function setup(thread)
  threads[#threads + 1] = thread
end

function init(args)
  plan = dofile(args[1])
  if plan.successor then
    waiting, last = plan.tokens, #plan.tokens
    request = next_of_session
    response = keep_successor
    return
  end
  for index, entry in ipairs(plan.requests) do
    raw[index] = render(entry)
  end
  request = next_prepared
  if plan.may_shed then
    response = count_shed
    delay = pause_once
  end
end

function done(summary, latency, requests)
  local errors = summary.errors
  local result = {
    seconds = summary.duration / 1e6,
    requests = summary.requests,
    bytes = summary.bytes,
    p50_ms = latency:percentile(50) / 1000,
    p95_ms = latency:percentile(95) / 1000,
    refused = errors.status,
    shed = threads[1]:get("shed"),
    broken = errors.connect + errors.read + errors.write + errors.timeout,
  }
  local parts = {}
  for name, value in pairs(result) do
    parts[#parts + 1] = string.format('"%s": %.6f', name, value)
  end
  io.write("RESULT {" .. table.concat(parts, ", ") .. "}\n")
end
