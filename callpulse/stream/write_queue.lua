-- Writes one queue, one group or the total, if it is newer than what is there. Returns 1; 0 = refused, something newer
-- is there; 2 = what these changes are based on is not there (any more): send it whole.
-- KEYS: hash, sorted set of queues, the four parts.
-- ARGV: generation, counter, TTL in ms, name and score for the sorted set (no score = not a queue), channel, message,
--       the four parts ('' = not given), the MessagePack of [field, value, field, value, ...] (one argument, since a
--       client takes far longer to send a thousand), the version that these are the changes to ('' = this is all there
--       is), and the MessagePack of the fields that are gone since.
local FIRST_PART, STEP = 8, 4000
-- Longer than the 64 bytes (hash-max-listpack-value) up to which a hash of at most 512 fields is kept as a list, in
-- which every field written is searched for from the beginning: three times as slow.
local ABOUT = 'WINDOW.KPI_ID = value, WINDOW.KPI_ID.n = its denominator, no field = no value; docs/EVENTS.md'
local hash, ttl, base = KEYS[1], ARGV[3], ARGV[13]
local generation, counter = tonumber(ARGV[1]), tonumber(ARGV[2])

local found = redis.pcall('HGET', hash, 'version')
if type(found) == 'string' and found ~= base then
  local g, c = string.match(found, '^(%d+)%-(%d+)$')
  g, c = tonumber(g), tonumber(c)
  if g and (generation < g or (generation == g and counter <= c)) then
    return 0
  end
end

if base == '' then
  redis.call('DEL', hash)
  redis.call('HSET', hash, 'about', ABOUT)
elseif found ~= base then
  return 2
else
  local gone = cmsgpack.unpack(ARGV[14])
  if #gone > 0 then
    redis.call('HDEL', hash, unpack(gone))
  end
end
local fields = cmsgpack.unpack(ARGV[12])
for first = 1, #fields, STEP do -- unpack has a limit of about 8000
  redis.call('HSET', hash, unpack(fields, first, math.min(first + STEP - 1, #fields)))
end
local time = redis.call('TIME')
redis.call('HSET', hash, 'stored_at_ms', string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)))
redis.call('PEXPIRE', hash, ttl)

for part = 1, 4 do
  local json = ARGV[FIRST_PART + part - 1]
  if json ~= '' then
    redis.call('SET', KEYS[2 + part], json, 'PX', ttl)
  end
end
if ARGV[5] ~= '' then
  redis.call('ZADD', KEYS[2], ARGV[5], ARGV[4])
end
redis.call('PUBLISH', ARGV[6], ARGV[7])
return 1
