import type { Question } from '@/components/ConfirmDialog';
import { Hint } from '@/components/Hint';
import { Refusal } from '@/components/Refusal';
import { Section } from '@/components/Section';
import type { Schedule } from '@/types/api';

import { Answer } from './Answer';
import { useChangeSchedule, usePendingChanges, type ScheduleChange } from './api/changeSchedule';
import { useSchedules } from './api/getSchedules';
import { ScheduleList } from './ScheduleList';

/** The jobs that run again and again. */
export function ScheduleSection({ onAsk }: { onAsk: (question: Question) => void }) {
  const schedules = useSchedules();
  const change = useChangeSchedule();
  const pending = usePendingChanges();
  const askToRemove = (id: string): void => {
    onAsk({
      title: `Remove the schedule ${id}?`,
      text: 'It runs no more, and a run that waits or runs now is stopped. Runs that have ended stay.',
      action: 'Remove the schedule',
      onConfirm: () => {
        change.mutate({ id, to: 'removed' });
      },
    });
  };
  return (
    <Section title="Schedules" count={schedules.data?.length ?? 0}>
      <Refusal title="The schedule could not be changed" error={change.error} onDismiss={change.reset} />
      <Answer query={schedules} what="the schedules">
        {(known) =>
          known.length === 0 ? (
            <Hint>
              Nothing runs by the clock.{' '}
              <code>foundations schedule add --cron &quot;0 6 * * *&quot; scheduler . main.py</code> runs a
              job every day at six.
            </Hint>
          ) : (
            <ScheduleList
              schedules={afterChanges(known, pending)}
              onChange={change.mutate}
              onRemove={askToRemove}
            />
          )
        }
      </Answer>
    </Section>
  );
}

/** Return the schedules as they will be once the server has confirmed what was asked of it. */
function afterChanges(
  schedules: [string, Schedule][],
  changes: ReadonlyMap<string, ScheduleChange['to']>,
): [string, Schedule][] {
  return schedules.flatMap(([id, schedule]): [string, Schedule][] => {
    const to = changes.get(id);
    if (to === 'removed') return [];
    return [[id, to ? { ...schedule, status: to } : schedule]];
  });
}
