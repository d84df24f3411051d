import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';

import { Icon } from '@/components/Icon';
import { JobLink } from '@/components/JobLink';
import { Moment } from '@/components/Moment';
import { useMinutes } from '@/lib/clock';
import { parseUtc } from '@/lib/time';
import type { Schedule } from '@/types/api';

import type { ScheduleChange } from './api/changeSchedule';
import classes from './ScheduleList.module.css';
import { describeSchedule, firesOnSeconds } from './wording';

interface ScheduleListProps {
  schedules: [string, Schedule][];
  onChange: (change: ScheduleChange) => void;
  onRemove: (id: string) => void;
}

/** The jobs that run again and again. */
export function ScheduleList({ schedules, onChange, onRemove }: ScheduleListProps) {
  return (
    <ul className={classes.schedules}>
      {schedules.map(([id, schedule]) => (
        <ScheduleRow
          key={id}
          id={id}
          schedule={schedule}
          onToggle={() => {
            onChange({ id, to: schedule.status === 'paused' ? 'active' : 'paused' });
          }}
          onRemove={() => {
            onRemove(id);
          }}
        />
      ))}
    </ul>
  );
}

interface ScheduleRowProps {
  id: string;
  schedule: Schedule;
  onToggle: () => void;
  onRemove: () => void;
}

function ScheduleRow({ id, schedule, onToggle, onRemove }: ScheduleRowProps) {
  const { status, runs, last_skipped: skipped, timezone, properties } = schedule;
  const { project_name: named } = properties.metadata;
  const project = typeof named === 'string' ? named : 'default';
  const now = useMinutes();
  const last = runs.at(-1);
  const toggle = status === 'paused' ? 'Resume' : 'Pause';
  return (
    <li className={classes.schedule} data-paused={status === 'paused' || undefined}>
      <div className={classes.name}>
        <strong>{id}</strong>
        <Link to="/projects/$project/job_listing" params={{ project }}>
          {project}
        </Link>
      </div>
      <p className={classes.when}>
        <Icon name={status === 'paused' ? 'pause' : 'clock'} size={13} />
        <span>
          {describeSchedule(schedule.schedule)} <small>{timezone}</small>
          <Bounds schedule={schedule} />
        </span>
      </p>
      <p className={classes.runs}>
        <NextRuns schedule={schedule} isOver={isOver(schedule, now)} />
        {last && (
          <span>
            Last run <JobLink project={project} jobId={last} />
          </span>
        )}
      </p>
      {skipped && (
        <p className={classes.skipped}>
          Left out <Moment at={skipped.time * 1000} as="sentence" />: {skipped.reason}
        </p>
      )}
      <div className={classes.actions}>
        {!isOver(schedule, now) && (
          <Button
            size="compact-xs"
            variant="default"
            className={classes.toggle ?? ''}
            onClick={onToggle}
            aria-label={`${toggle} ${id}`}
          >
            {toggle}
          </Button>
        )}
        <Button size="compact-xs" variant="default" onClick={onRemove} aria-label={`Remove ${id}`}>
          Remove
        </Button>
      </div>
    </li>
  );
}

interface NextRunsProps {
  schedule: Schedule;
  isOver: boolean;
}

function NextRuns({ schedule: { status, next_run_time: times, schedule }, isOver }: NextRunsProps) {
  if (isOver) return <span>Its last time is past: it runs no more</span>;
  if (status === 'paused') return <span>Paused: it does not run</span>;
  const known = times.filter((time) => time !== null);
  return (
    <span>
      Next:{' '}
      {known.map((time, index) => (
        <span key={time}>
          {index > 0 && ' · '}
          <Moment at={time * 1000} as={firesOnSeconds(schedule) ? 'second' : 'when'} />
        </span>
      ))}
    </span>
  );
}

/** From when to when it fires, where that is bounded. */
function Bounds({ schedule: { schedule } }: { schedule: Schedule }) {
  const [start, end] = [schedule['start_date'], schedule['end_date']].map((text) => parseUtc(text ?? null));
  return (
    <>
      {start !== undefined && (
        <small>
          {' '}
          from <Moment at={start} />
        </small>
      )}
      {end !== undefined && (
        <small>
          {' '}
          until <Moment at={end} />
        </small>
      )}
    </>
  );
}

/** Whether it has had its last time: the server would remove it when it is asked to resume it. */
function isOver({ status, schedule }: Schedule, now: number): boolean {
  const end = parseUtc(schedule['end_date'] ?? null) ?? Infinity;
  const year = Number(schedule['year'] ?? '*');
  return status === 'paused' && (end < now || year < new Date(now).getUTCFullYear());
}
