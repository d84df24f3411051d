"""The part of the Lua scripts that keeps the index of a project's jobs; `tracker.index` says what it looks like.

Every script that changes a job has it, so that the index changes in the step that changes the job.
"""

from __future__ import annotations

from atlas_services.tracker import keys

#: Rows of one string of cells. A name that one job alone has costs this many cells, not one for each job.
CHUNK = 128
#: Bytes of a cell, and of one that holds what is known of a metric.
CELL, METRIC_CELL = 8, 40

_FUNCTIONS = """
local function index_key(kind, project, field)
  return '{index}' .. kind .. ':' .. #project .. ':' .. project .. ':' .. field
end

local function empty_cell(field)
  return string.rep('\\0', string.sub(field, 1, 2) == 'm:' and {metric_cell} or {cell})
end

-- What a project's index is told apart by from what it was before: when it was changed last.
local touched = {}
local function touch(project)
  if touched[project] then return end
  touched[project] = true
  redis.call('SET', index_key('version', project, ''), table.concat(redis.call('TIME'), '.'))
end

-- The texts of a column are kept once each, under a number, and counted.
local function text_cell(project, field, text)
  local codes, token = index_key('codes', project, field), #text > 40 and redis.sha1hex(text) or text
  local code = redis.call('HGET', codes, '=' .. token)
  if not code then
    code = redis.call('HINCRBY', codes, 'last', 1)
    redis.call('HSET', codes, '=' .. token, code)
    redis.call('HSET', index_key('texts', project, field), code, text)
  end
  redis.call('HINCRBY', index_key('refs', project, field), code, 1)
  return struct.pack('<I4I4', tonumber(code), {text_mark})
end

local function release_text(project, field, code)
  if redis.call('HINCRBY', index_key('refs', project, field), code, -1) > 0 then return end
  local texts = index_key('texts', project, field)
  local text = redis.call('HGET', texts, code)
  redis.call('HDEL', index_key('codes', project, field), '=' .. (#text > 40 and redis.sha1hex(text) or text))
  redis.call('HDEL', texts, code)
  redis.call('HDEL', index_key('refs', project, field), code)
end

local function number_cell(number)
  local low, high = struct.unpack('<I4I4', struct.pack('<d', number))
  return struct.pack('<I4i4', low, bit.bxor(high, {mask_high}))
end

local function chunks(project)
  return math.ceil(tonumber(redis.call('GET', index_key('next', project, '')) or '0') / {chunk})
end

local function drop_column(project, field)
  for chunk = 0, chunks(project) - 1 do redis.call('DEL', index_key('cells' .. chunk, project, field)) end
  for _, kind in ipairs({'texts', 'codes', 'refs'}) do redis.call('DEL', index_key(kind, project, field)) end
  redis.call('HDEL', index_key('fields', project, ''), field)
end

local function cells_key(project, row, field)
  return index_key('cells' .. math.floor(row / {chunk}), project, field)
end

local function read_cell(project, row, field)
  local empty = empty_cell(field)
  local at = row % {chunk} * #empty
  local cell = redis.call('GETRANGE', cells_key(project, row, field), at, at + #empty - 1)
  return cell .. string.sub(empty, #cell + 1), empty
end

-- `kind` is 'c' when `value` is the cell itself, 't' when it is a text, and '' to clear the cell.
local function put(project, row, field, kind, value)
  local old, empty = read_cell(project, row, field)
  local cell = kind == 't' and text_cell(project, field, value) or kind == 'c' and value or empty
  if #empty == {cell} then
    local code, mark = struct.unpack('<I4I4', old)
    if mark == {text_mark} then release_text(project, field, code) end
  end
  if cell == old then return end
  touch(project)
  redis.call('SETRANGE', cells_key(project, row, field), row % {chunk} * #cell, cell)
  local change = (old == empty and 1 or 0) - (cell == empty and 1 or 0)
  if change ~= 0 and redis.call('HINCRBY', index_key('fields', project, ''), field, change) == 0 then
    drop_column(project, field)
  end
end

-- Write anew what the index says of the job's life.
local function index_life(job)
  local facts = redis.call('HMGET', job, 'project', '{row}', 'status', 'user', 'cause', 'mode',
                           'creation_time', 'start_time', 'completed_time')
  local project, row = facts[1], tonumber(facts[2])
  if not row then return end
  for place, name in ipairs({'status', 'user', 'cause', 'mode'}) do
    local text = facts[place + 2]
    put(project, row, 'a:' .. name, text and text ~= '' and 't' or '', text)
  end
  for place, name in ipairs({'creation_time', 'start_time', 'completed_time'}) do
    local time = facts[place + 6]
    put(project, row, 'a:' .. name, time and 'c' or '', time and number_cell(tonumber(time)))
  end
end

local function add_row(job, project, id)
  local row = redis.call('LPOP', index_key('free', project, ''))
              or redis.call('INCR', index_key('next', project, '')) - 1
  redis.call('HSET', job, '{row}', row)
  redis.call('HSET', index_key('rows', project, ''), row, id)
  return row
end

-- Names of all columns in which a job may have a cell.
local function columns_of(job)
  local found = {}
  for _, name in ipairs({'status', 'user', 'cause', 'mode', 'creation_time', 'start_time', 'completed_time'}) do
    found[#found + 1] = 'a:' .. name
  end
  for kind, suffix in pairs({p = ':params', t = ':tags', m = ':metrics'}) do
    for _, name in ipairs(redis.call('HKEYS', job .. suffix)) do found[#found + 1] = kind .. ':' .. name end
  end
  return found
end

local function remove_row(project, row)
  local rows, free = index_key('rows', project, ''), index_key('free', project, '')
  redis.call('HDEL', rows, row)
  redis.call('RPUSH', free, row)
  if redis.call('EXISTS', rows) == 0 then
    redis.call('DEL', free, index_key('next', project, ''), index_key('version', project, ''))
  end
end

-- Call before the job's keys go.
local function remove_from_index(job)
  local project, row = unpack(redis.call('HMGET', job, 'project', '{row}'))
  if not row then return end
  for _, field in ipairs(columns_of(job)) do put(project, tonumber(row), field, '') end
  remove_row(project, row)
end

local function move_in_index(job, id, target)
  local project, row = unpack(redis.call('HMGET', job, 'project', '{row}'))
  if not row or project == target then return end
  row = tonumber(row)
  local there = tonumber(add_row(job, target, id))
  for _, field in ipairs(columns_of(job)) do
    local cell, empty = read_cell(project, row, field)
    local kind, value = cell ~= empty and 'c' or '', cell
    if #cell == {cell} then
      local code, mark = struct.unpack('<I4I4', cell)
      if mark == {text_mark} then kind, value = 't', redis.call('HGET', index_key('texts', project, field), code) end
    end
    put(target, there, field, kind, value)
    put(project, row, field, '')
  end
  remove_row(project, row)
end
"""

#: What a cell of text has above its number; and the half of the mask that is not zero. See `tracker.index`.
TEXT_MARK, _MASK_HIGH = 0x00030000, 0xFFFA0000

_PLACES = {
    "{index}": keys.INDEX_PREFIX,
    "{row}": keys.ROW,
    "{chunk}": str(CHUNK),
    "{cell}": str(CELL),
    "{metric_cell}": str(METRIC_CELL),
    "{text_mark}": str(TEXT_MARK),
    "{mask_high}": str(_MASK_HIGH),
}


def with_index(script: str) -> str:
    """Return a script that may call the functions above."""
    text = _FUNCTIONS + script
    for place, value in _PLACES.items():
        text = text.replace(place, value)
    return text


#: KEYS: job.  Gives the job a row if it has none. Returns nothing.
ADD_TO_INDEX = with_index("""
local project, row, id = unpack(redis.call('HMGET', KEYS[1], 'project', '{row}', 'job_id'))
if not project then return end
if not row then add_row(KEYS[1], project, id) end
index_life(KEYS[1])
""")

#: ARGV: project, then names of columns; `rows` stands for the ids. Read-only.
#: Returns whether the index is whole, how many rows there are, and of each column its cells and its texts by their
#: numbers, one after the other, or nil when no job has it; of `rows` the ids by their rows.
READ_COLUMNS = with_index("""
local project = ARGV[1]
local count = tonumber(redis.call('GET', index_key('next', project, '')) or '0')
local found = {redis.call('EXISTS', '{index}whole'), count}
for place = 2, #ARGV do
  local field = ARGV[place]
  if field == 'rows' then
    found[#found + 1] = redis.call('HGETALL', index_key('rows', project, ''))
  elseif redis.call('HEXISTS', index_key('fields', project, ''), field) == 0 then
    found[#found + 1] = false
  else
    local size, parts = {chunk} * #empty_cell(field), {}
    for chunk = 0, chunks(project) - 1 do
      local cells = redis.call('GET', index_key('cells' .. chunk, project, field)) or ''
      parts[#parts + 1] = cells
      if #cells < size then parts[#parts + 1] = string.rep('\\0', size - #cells) end
    end
    found[#found + 1] = {table.concat(parts), redis.call('HGETALL', index_key('texts', project, field))}
  end
end
return found
""")
