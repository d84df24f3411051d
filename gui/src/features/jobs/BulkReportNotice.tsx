import { CloseButton } from '@mantine/core';

import { shortId } from '@/lib/jobId';
import { formatCount } from '@/lib/values';
import type { BulkReport } from '@/types/api';

import classes from './SelectionBar.module.css';

/** Refusals that are told one by one. */
const TOLD = 5;

interface BulkReportNoticeProps {
  /** What was done, as in "deleted". */
  verb: string;
  report: BulkReport;
  onDismiss: () => void;
}

/** What became of a change of many jobs, and of those that were refused, why. */
export function BulkReportNotice({ verb, report: { done, failed }, onDismiss }: BulkReportNoticeProps) {
  return (
    <div className={classes.report} role="status" data-failed={failed.length > 0 || undefined}>
      <div>
        <strong>
          {done.length === 1 ? '1 job' : `${formatCount(done.length)} jobs`} {verb}
          {failed.length > 0 && `, ${formatCount(failed.length)} not`}.
        </strong>
        {failed.length > 0 && (
          <ul>
            {failed.slice(0, TOLD).map(({ job_id, detail }) => (
              <li key={job_id}>
                <code>{shortId(job_id)}</code> {detail}
              </li>
            ))}
            {failed.length > TOLD && <li>and {formatCount(failed.length - TOLD)} more</li>}
          </ul>
        )}
      </div>
      <CloseButton size="sm" aria-label="Dismiss" onClick={onDismiss} />
    </div>
  );
}
