import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';

import { Icon } from '@/components/Icon';
import { JobLink } from '@/components/JobLink';
import { Moment } from '@/components/Moment';
import type { Schedule } from '@/types/api';

import type { ScheduleChange } from './api/changeSchedule';
import classes from './ScheduleList.module.css';
import { describeSchedule } from './wording';

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
        {describeSchedule(schedule.schedule)} <span>{timezone}</span>
      </p>
      <p className={classes.runs}>
        <NextRuns schedule={schedule} />
        {last && (
          <span>
            Last run <JobLink project={project} jobId={last} />
          </span>
        )}
      </p>
      {skipped && (
        <p className={classes.skipped}>
          Left out <Moment at={skipped.time * 1000} />: {skipped.reason}
        </p>
      )}
      <div className={classes.actions}>
        <Button size="compact-xs" variant="default" onClick={onToggle} aria-label={`${toggle} ${id}`}>
          {toggle}
        </Button>
        <Button size="compact-xs" variant="default" onClick={onRemove} aria-label={`Remove ${id}`}>
          Remove
        </Button>
      </div>
    </li>
  );
}

function NextRuns({ schedule: { status, next_run_time: times } }: { schedule: Schedule }) {
  if (status === 'paused') return <span>Paused: it does not run</span>;
  const known = times.filter((time) => time !== null);
  return (
    <span>
      Next:{' '}
      {known.map((time, index) => (
        <span key={time}>
          {index > 0 && ' · '}
          <Moment at={time * 1000} />
        </span>
      ))}
    </span>
  );
}
