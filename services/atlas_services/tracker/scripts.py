"""The Lua scripts: each is one atomic change of a job's life with all its indices and its event.

Redis runs a script alone and whole, so no reader ever sees a job that is half in one state.
"""

from __future__ import annotations

from atlas_services.tracker import keys
from atlas_services.tracker.chunks import CHUNK
from atlas_services.tracker.index_scripts import with_index

_BEFORE_ID, _, _BEHIND_ID = keys.job("|").partition("|")
_NAMES = {
    "{events}": keys.EVENTS,
    "{events_kept}": str(keys.EVENTS_KEPT),
    "{jobs}": keys.JOBS,
    "{projects}": keys.PROJECTS,
    "{deleted}": keys.DELETED,
    "{deleted_kept}": str(keys.DELETED_KEPT),
    "{heartbeats}": keys.HEARTBEATS,
    "{active}": keys.ACTIVE,
    "{active_whole}": keys.ACTIVE_WHOLE,
    "{unsealed}": keys.UNSEALED,
    "{before_id}": _BEFORE_ID,
    "{behind_id}": _BEHIND_ID,
    "{queue}": keys.QUEUE,
    "{queue_tail}": keys.QUEUE_TAIL,
    "{queue_moves}": keys.QUEUE_MOVES,
    "{lease}": keys.LEASE,
    "{term}": keys.TERM,
    "{project_jobs}": keys.PROJECT_JOBS_PREFIX,
    "{status}": keys.STATUS_PREFIX,
    "{bundle_jobs}": keys.BUNDLE_JOBS_PREFIX,
    "{points_of_chunk}": str(CHUNK),
}


def _script(text: str) -> str:
    """Return `text` with its places for key names filled."""
    for place, name in _NAMES.items():
        text = text.replace(place, name)
    return text


def _indexed(text: str) -> str:
    """Return `text` with its places filled, and the functions that keep the index."""
    return _script(with_index(text))


#: Publish what happened. A reader that slept for longer than the stream reaches back reads the state anew.
_EVENT = """
local function publish(kind, job, project, status)
  redis.call('XADD', '{events}', 'MAXLEN', '~', {events_kept}, '*',
             'kind', kind, 'job_id', job, 'project', project, 'status', status)
end
"""

#: Whether the write of a leader comes too late: "" is nobody's, so never. A term that Redis forgot is over too.
_FENCE = """
local function fenced(term)
  return term ~= '' and redis.call('GET', '{term}') ~= term
end
"""

#: Put a job behind all that wait with its priority. A double holds the sum of both exactly.
_ENQUEUE = """
local function enqueue(id, job)
  local priority = tonumber(redis.call('HGET', job, 'priority') or '0')
  redis.call('ZADD', '{queue}', 'NX', redis.call('INCR', '{queue_tail}') - priority * 2^40, id)
end
"""

#: Count a job among those that hold a slot, or no more. Those of execution mode hold none.
_KEEP_ACTIVE = """
local function keep_active(id, status, mode, time)
  if mode ~= 'execution' and (status == 'pending' or status == 'running') then
    redis.call('ZADD', '{active}', time, id)
  else
    redis.call('ZREM', '{active}', id)
  end
end
"""

#: The sorted sets of jobs that name a job as their parent, or have its code.
_RELATIVES = """
local function relatives(job)
  local found, parent, bundle = {}, unpack(redis.call('HMGET', job, 'parent', 'bundle_id'))
  if parent then found[#found + 1] = '{before_id}' .. parent .. '{behind_id}:children' end
  if bundle then found[#found + 1] = '{bundle_jobs}' .. bundle end
  return found
end
"""

#: KEYS: job.  ARGV: id, project, status, creation time, then field-value pairs.
#: Returns 1, or 0 when the job exists already, or -1 when it was deleted.
CREATE = _indexed(
    _EVENT
    + _ENQUEUE
    + _KEEP_ACTIVE
    + _RELATIVES
    + """
local id, project, status, created = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
if redis.call('ZSCORE', '{deleted}', id) then return -1 end
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
if redis.call('ZCARD', '{jobs}') == 0 then redis.call('SET', '{index}whole', 1) end
redis.call('HSET', KEYS[1], 'job_id', id, 'project', project, 'status', status, 'creation_time', created,
           unpack(ARGV, 5))
redis.call('ZADD', '{projects}', 'NX', created, project)
redis.call('ZADD', '{project_jobs}' .. project, created, id)
redis.call('ZADD', '{jobs}', created, id)
redis.call('ZADD', '{status}' .. status, created, id)
for _, set in ipairs(relatives(KEYS[1])) do redis.call('ZADD', set, created, id) end
if status == 'queued' then enqueue(id, KEYS[1]) end
local mode = redis.call('HGET', KEYS[1], 'mode')
if mode == 'execution' then redis.call('ZADD', '{heartbeats}', created, id) end
keep_active(id, status, mode, created)
add_row(KEYS[1], project, id)
index_life(KEYS[1])
publish('job.created', id, project, status)
return 1
"""
)

#: KEYS: job.  ARGV: new status, time, states to leave (comma-separated), "1" if a job that lost its heartbeat may be
#: reopened, term or "", then field-value pairs.  Returns "" when done, "fenced" when the term is over, the present
#: status when refused, nil when there is no job.  A job that returns to the queue keeps nothing of its attempt, and one
#: that was told to stop does not return.
TRANSITION = _indexed(
    _EVENT
    + _FENCE
    + _ENQUEUE
    + _KEEP_ACTIVE
    + """
local to, now = ARGV[1], ARGV[2]
if fenced(ARGV[5]) then return 'fenced' end
local job = redis.call('HMGET', KEYS[1], 'status', 'cause', 'job_id', 'project', 'mode', 'stop_cause')
local from, cause, id, project, mode, stop = job[1], job[2], job[3], job[4], job[5], job[6]
if not from then return nil end
local reopened = ARGV[4] == '1' and from == 'failed' and cause == 'lost_heartbeat'
if not string.find(',' .. ARGV[3] .. ',', ',' .. from .. ',', 1, true) and not reopened then return from end
if reopened then redis.call('HDEL', KEYS[1], 'cause', 'cause_detail', 'completed_time', 'exit_code') end
if to == 'queued' then
  if stop then return from end
  redis.call('HDEL', KEYS[1], 'cause', 'cause_detail', 'error', 'exit_code', 'gpu_ids', 'start_time')
end
redis.call('HSET', KEYS[1], 'status', to, unpack(ARGV, 6))
redis.call('ZREM', '{status}' .. from, id)
redis.call('ZADD', '{status}' .. to, now, id)
if to == 'queued' then enqueue(id, KEYS[1])
elseif from == 'queued' then redis.call('ZREM', '{queue}', id) end
if to == 'running' and mode == 'execution' then redis.call('ZADD', '{heartbeats}', now, id)
else redis.call('ZREM', '{heartbeats}', id) end
keep_active(id, to, mode, now)
if to == 'completed' or to == 'failed' then redis.call('ZADD', '{unsealed}', now, id)
else redis.call('ZREM', '{unsealed}', id) end
index_life(KEYS[1])
publish('job.' .. to, id, project, to)
return ''
"""
)

#: Returns the ids of the jobs that hold a slot, after finding them among all that run.
FIND_ACTIVE = _script(
    _KEEP_ACTIVE
    + """
for _, status in ipairs({'pending', 'running'}) do
  local found = redis.call('ZRANGE', '{status}' .. status, 0, -1, 'WITHSCORES')
  for place = 1, #found, 2 do
    local mode = redis.call('HGET', '{before_id}' .. found[place] .. '{behind_id}', 'mode')
    keep_active(found[place], status, mode, found[place + 1])
  end
end
redis.call('SET', '{active_whole}', 1)
return redis.call('ZRANGE', '{active}', 0, -1)
"""
)

#: KEYS: job.  ARGV: cause, reason.  Notes that a running job is to stop; the first reason stays.
#: Returns the job's status, nil when there is no job.
REQUEST_STOP = _script(
    _EVENT
    + """
local job = redis.call('HMGET', KEYS[1], 'status', 'job_id', 'project')
if job[1] == 'running' and redis.call('HSETNX', KEYS[1], 'stop_cause', ARGV[1]) == 1 then
  redis.call('HSET', KEYS[1], 'stop_reason', ARGV[2])
  publish('job.stopping', job[2], job[3], job[1])
end
return job[1]
"""
)

#: KEYS: job.  ARGV: new project, time.  Returns 1, or 0 when there is no job.
MOVE = _indexed(
    _EVENT
    + """
local job = redis.call('HMGET', KEYS[1], 'project', 'job_id', 'creation_time', 'status')
if not job[1] then return 0 end
redis.call('ZREM', '{project_jobs}' .. job[1], job[2])
move_in_index(KEYS[1], job[2], ARGV[1])
redis.call('HSET', KEYS[1], 'project', ARGV[1])
redis.call('ZADD', '{projects}', 'NX', ARGV[2], ARGV[1])
redis.call('ZADD', '{project_jobs}' .. ARGV[1], job[3], job[2])
if job[4] == 'queued' then redis.call('INCR', '{queue_moves}') end
publish('job.moved', job[2], ARGV[1], job[4])
return 1
"""
)

#: KEYS: every key of the job, its hash first, its metrics second; those of the metrics' points and values only the
#: script knows at the moment when it runs: they begin with ARGV[3] (a number, ':' and the name follow) and ARGV[4], or
#: as the hash does.
#: ARGV: states in which it may be deleted (comma-separated), time, the two beginnings.
#: Returns "" when done, the present status when refused, nil when there is no job.
DELETE = _indexed(
    _EVENT
    + _RELATIVES
    + """
local job = redis.call('HMGET', KEYS[1], 'status', 'job_id', 'project')
local status, id, project = job[1], job[2], job[3]
if not status then return nil end
if not string.find(',' .. ARGV[1] .. ',', ',' .. status .. ',', 1, true) then return status end
remove_from_index(KEYS[1])
for _, set in ipairs(relatives(KEYS[1])) do redis.call('ZREM', set, id) end
for _, name in ipairs(redis.call('HKEYS', KEYS[2])) do
  redis.call('DEL', ARGV[4] .. name)
  for level = 1, 3 do redis.call('DEL', KEYS[1] .. ':envelope:' .. level .. ':' .. name) end
  local segment, count = 0, string.match(redis.call('HGET', KEYS[2], name), '"count": ?(%d+)') or 0
  while redis.call('DEL', ARGV[3] .. segment .. ':' .. name) == 1 do segment = segment + 1 end
  redis.call('DEL', KEYS[1] .. ':chunks:' .. name)
  redis.call('DEL', KEYS[1] .. ':open:' .. math.floor(count / {points_of_chunk}) .. ':' .. name)
end
redis.call('DEL', unpack(KEYS))
redis.call('ZREM', '{project_jobs}' .. project, id)
redis.call('ZREM', '{status}' .. status, id)
redis.call('ZREM', '{active}', id)
redis.call('ZREM', '{jobs}', id)
redis.call('ZREM', '{queue}', id)
redis.call('ZREM', '{heartbeats}', id)
redis.call('ZREM', '{unsealed}', id)
redis.call('ZADD', '{deleted}', ARGV[2], id)
redis.call('ZREMRANGEBYSCORE', '{deleted}', '-inf', ARGV[2] - {deleted_kept})
publish('job.deleted', id, project, status)
return ''
"""
)

#: KEYS: the queue.  ARGV: job id, "at" and a position, or "before" or "after" and another job's id.
#: Returns 1, 0 when the job does not wait, -1 when the other one does not.
#: The jobs between its old and its new position pass their places on, so places stay distinct however often jobs move.
REPOSITION = _script(
    _EVENT
    + """
local from = redis.call('ZRANK', KEYS[1], ARGV[1])
if not from then return 0 end
local to = tonumber(ARGV[3])
if ARGV[2] == 'at' then
  to = math.min(to, redis.call('ZCARD', KEYS[1]) - 1)
else
  to = redis.call('ZRANK', KEYS[1], ARGV[3])
  if not to then return -1 end
  to = to - (from < to and 1 or 0) + (ARGV[2] == 'after' and 1 or 0)
end
local first = math.min(from, to)
local span = redis.call('ZRANGE', KEYS[1], first, math.max(from, to), 'WITHSCORES')
local step = to > from and 1 or -1
for place = from - first, to - first - step, step do
  redis.call('ZADD', KEYS[1], span[2 * place + 2], span[2 * (place + step) + 1])
end
redis.call('ZADD', KEYS[1], span[2 * (to - first) + 2], ARGV[1])
publish('queue.reordered', ARGV[1], '', 'queued')
return 1
"""
)

#: ARGV: who wants to lead, milliseconds, whose lease may be taken over because that holder is dead ("" for nobody's).
#: Returns {the new term, 0}, or {0, milliseconds that the lease of another still holds}.
LEASE_TAKE = _script(
    _EVENT
    + """
local holder = redis.call('GET', '{lease}')
if holder and holder ~= ARGV[3] then return {0, redis.call('PTTL', '{lease}')} end
local term = redis.call('INCR', '{term}')
redis.call('SET', '{lease}', ARGV[1], 'PX', ARGV[2])
publish('scheduler.leads', '', '', '')
return {term, 0}
"""
)

#: ARGV: term, who leads, milliseconds.  Returns 1, or 0 when the term is over.
LEASE_RENEW = _script(
    _FENCE
    + """
if fenced(ARGV[1]) then return 0 end
redis.call('SET', '{lease}', ARGV[2], 'PX', ARGV[3])
return 1
"""
)

#: ARGV: term.  Ends the lease if it is that term's.
LEASE_RELEASE = _script(
    _FENCE
    + """
if not fenced(ARGV[1]) then redis.call('DEL', '{lease}') end
"""
)

#: KEYS: whose turn it is.  ARGV: who wants it, milliseconds.  Returns 1, or 0 while it is another's turn.
TAKE_TURN = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""

#: KEYS: job.  ARGV: field-value pairs.  Sets facts that are no state.
UPDATE = _indexed("""
redis.call('HSET', KEYS[1], unpack(ARGV))
index_life(KEYS[1])
""")

#: KEYS: every key that is written.  ARGV: commands one after the other, each behind the number of its words.
#: They run in this order, and the first that Redis refuses is the last: what stands behind it is not written.
#: The command INDEX is none of Redis: project, row, column, kind and value of a cell of the index.
WRITE_IN_ORDER = with_index("""
local at = 1
while at <= #ARGV do
  local words = tonumber(ARGV[at])
  if ARGV[at + 1] == 'INDEX' then
    put(ARGV[at + 2], tonumber(ARGV[at + 3]), ARGV[at + 4], ARGV[at + 5], ARGV[at + 6])
  else
    redis.call(unpack(ARGV, at + 1, at + words))
  end
  at = at + 1 + words
end
""")
