import { useMemo, useState } from 'react';

import { ConfirmDialog, type Question } from '@/components/ConfirmDialog';
import { PageHead } from '@/components/PageHead';
import { formatCount } from '@/lib/values';

import { useQueue } from './api/getQueue';
import { useRunning } from './api/getRunning';
import { MachineSection } from './MachineSection';
import classes from './QueuePage.module.css';
import { RunningSection } from './RunningSection';
import { ScheduleSection } from './ScheduleSection';
import { WaitingSection } from './WaitingSection';

/** Jobs that wait and are shown at first. */
const FIRST_PAGE = 100;

/** What runs where, who waits and why, and what runs again and again. */
export function QueuePage() {
  const [limit, setLimit] = useState(FIRST_PAGE);
  const [question, setQuestion] = useState<Question>();
  const running = useRunning();
  const queue = useQueue(limit);
  const projects = useMemo(
    () =>
      new Map([...(running.data ?? []), ...(queue.data?.jobs ?? [])].map((job) => [job.job_id, job.project])),
    [running.data, queue.data],
  );
  return (
    <>
      <PageHead
        title="Queue"
        facts={
          running.data &&
          queue.data &&
          `${formatCount(running.data.length)} running, ${formatCount(queue.data.total)} waiting`
        }
      />
      <div className={classes.sections}>
        <MachineSection projects={projects} />
        <RunningSection onAsk={setQuestion} />
        <WaitingSection
          limit={limit}
          projects={projects}
          onAsk={setQuestion}
          onMore={() => {
            setLimit(limit + FIRST_PAGE);
          }}
        />
        <ScheduleSection onAsk={setQuestion} />
      </div>
      <ConfirmDialog
        question={question}
        onClose={() => {
          setQuestion(undefined);
        }}
      />
    </>
  );
}
