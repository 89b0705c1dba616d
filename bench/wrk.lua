-- Sends one request template again and again (see request.ts). Arguments: its file, the first number, the range of <k>.
local parts, slots, number, range = {}, {}, 0, 1

function init(args)
  local file = assert(io.open(args[1], "rb"))
  local text = file:read("*a")
  file:close()
  number, range = tonumber(args[2]), tonumber(args[3])
  local rest = 1
  for before, name, after in text:gmatch("(.-)<([nks])>()") do
    parts[#parts + 1] = before
    parts[#parts + 1] = ""
    slots[#slots + 1] = { at = #parts, name = name }
    rest = after
  end
  parts[#parts + 1] = text:sub(rest)
end

function request()
  for _, slot in ipairs(slots) do
    local value = number
    if slot.name == "k" then value = number % range end
    if slot.name == "s" then value = (number % 100000) * 618033989 % 1000000000 end
    parts[slot.at] = string.format("%09d", value)
  end
  number = number + 1
  return table.concat(parts)
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\nREPORT {"rate":%f,"requests":%d,"p50":%f,"p99":%f,"errors":{"answers that are not 2xx":%d,"connects failed":%d,'
      .. '"reads failed":%d,"writes failed":%d,"time-outs":%d}}\n',
    summary.requests / summary.duration * 1e6, summary.requests, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    errors.status, errors.connect, errors.read, errors.write, errors.timeout))
end
