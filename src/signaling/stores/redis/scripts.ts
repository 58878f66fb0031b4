/**
 * What happens in Redis: one script for each step, so that each is atomic. A room is a hash (`epoch`,
 * `position` of the last entry, `base` of the snapshot, `snapshot`) and a stream whose ids are the
 * positions (`17-0`). Both expire together.
 *
 * Keys: the hash, the stream.
 */

/** `keep(ttl)`: the room stays at least so many milliseconds. */
const KEEP = `
local function keep(ttl)
  ttl = math.max(tonumber(ttl), redis.call('PTTL', KEYS[1]))
  redis.call('PEXPIRE', KEYS[1], ttl)
  redis.call('PEXPIRE', KEYS[2], ttl)
end
local function field(name) return redis.call('HGET', KEYS[1], name) end
local function number(name) return tonumber(field(name) or '0') end
local function from(id)
  local texts = {}
  for i, item in ipairs(redis.call('XRANGE', KEYS[2], id, '+')) do texts[i] = item[2][2] end
  return texts
end
`;

/** epoch or empty, ttl → epoch, base, snapshot, entries; nil when there is no room. */
export const OPEN: string = `${KEEP}
local epoch = field('epoch')
-- Redis may evict one key of two when its memory is full: what is left is no log.
if epoch and redis.call('XLEN', KEYS[2]) ~= number('position') - number('base') then epoch = false end
if not epoch then
  redis.call('DEL', KEYS[1], KEYS[2])
  if ARGV[1] == '' then return false end
  epoch = ARGV[1]
  redis.call('HSET', KEYS[1], 'epoch', epoch, 'position', '0')
end
keep(ARGV[2])
return { epoch, number('base'), field('snapshot') or '', from('-') }
`;

/** epoch, channel, entries … → position of the last; -1 when the epoch has ended. */
export const APPEND: string = `${KEEP}
if field('epoch') ~= ARGV[1] then return -1 end
local first = number('position') + 1
local last = first + #ARGV - 3
for i = 3, #ARGV do
  redis.call('XADD', KEYS[2], string.format('%d-0', first + i - 3), 'e', ARGV[i])
end
redis.call('HSET', KEYS[1], 'position', string.format('%d', last))
if redis.call('PTTL', KEYS[2]) < 0 then keep(0) end
local text = '[' .. table.concat(ARGV, ',', 3) .. ']'
redis.call('PUBLISH', ARGV[2], ARGV[1] .. ' ' .. string.format('%d', first) .. ' ' .. text)
return last
`;

/** epoch, position (exclusive end of what is forgotten), snapshot → 1, or -1 when the epoch ended. */
export const TRIM: string = `${KEEP}
if field('epoch') ~= ARGV[1] then return -1 end
if number('base') >= tonumber(ARGV[2]) then return 1 end
redis.call('HSET', KEYS[1], 'base', ARGV[2], 'snapshot', ARGV[3])
redis.call('XTRIM', KEYS[2], 'MINID', string.format('%d-0', tonumber(ARGV[2]) + 1))
return 1
`;

/** epoch, channel: forgets the room, if it is still this one. */
export const REMOVE: string = `${KEEP}
if field('epoch') ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('PUBLISH', ARGV[2], ARGV[1])
return 1
`;

/** epoch, position → first, entries from there on; nil when the epoch has ended. */
export const READ: string = `${KEEP}
if field('epoch') ~= ARGV[1] then return false end
local first = math.max(tonumber(ARGV[2]), number('base') + 1)
return { first, number('position'), from(string.format('%d-0', first)) }
`;

/** ttl → epoch, position; nil when there is no room. */
export const KEEP_ALIVE: string = `${KEEP}
if not field('epoch') then return false end
keep(ARGV[1])
return { field('epoch'), number('position') }
`;
