import { memo } from 'react';

import { LineSwatch } from '@/components/curves/LineSwatch';
import { JobLink } from '@/components/JobLink';
import type { LineFocus } from '@/components/lineFocus';
import { StatusMark } from '@/components/StatusMark';

import classes from './DrawnJobs.module.css';
import type { DrawnJob } from './newestCurves';

interface DrawnJobRowProps {
  project: string;
  drawn: DrawnJob;
  /** What it reached, in words; undefined where it has no number of the metric. */
  value: string | undefined;
  /** Whether its line is the one that somebody looks at. */
  isMeant: boolean;
  focus: LineFocus;
  onShow: (isShown: boolean, ids: string[]) => void;
}

/** A job that is drawn. Who points at it, or comes to it by keyboard, sees its line before the others. */
export const DrawnJobRow = memo(function DrawnJobRow(props: DrawnJobRowProps) {
  const { project, drawn, value, isMeant, focus, onShow } = props;
  const { job, curve } = drawn;
  const look = (): void => {
    focus.look(curve.id);
  };
  const leave = (): void => {
    focus.look(undefined);
  };
  return (
    <li
      className={classes.row}
      data-meant={isMeant || undefined}
      data-hidden={curve.isHidden === true || undefined}
      onMouseEnter={look}
      onMouseLeave={leave}
      onFocus={look}
      onBlur={leave}
    >
      <input
        type="checkbox"
        aria-label={`Draw job ${curve.label}`}
        checked={curve.isHidden !== true}
        onChange={(event) => {
          onShow(event.currentTarget.checked, [curve.id]);
        }}
      />
      <LineSwatch look={curve.look} />
      <span className={classes.id}>
        <JobLink project={project} jobId={job.job_id} />
      </span>
      <span className={classes.value}>{value}</span>
      <StatusMark status={job.status} isSmall />
    </li>
  );
});
