import { Button } from '@mantine/core';
import { Link, useRouter } from '@tanstack/react-router';
import { useEffect, useState } from 'react';

import { ConfirmDialog, type Question } from '@/components/ConfirmDialog';
import { CopyButton } from '@/components/CopyButton';
import { Refusal } from '@/components/Refusal';
import { formatCount } from '@/lib/values';

import { useDeleteJobs, useTensorBoard } from './api/changeJobs';
import { BulkReportNotice } from './BulkReportNotice';
import classes from './SelectionBar.module.css';
import { TagPopover } from './TagPopover';
import type { Selection } from './useSelection';

/** Jobs that the page of comparison, and TensorBoard, take at most. */
const MOST = 200;

/** What can be done with the selected jobs. Nothing while none is selected. */
export function SelectionBar({ project, selection }: { project: string; selection: Selection }) {
  const ids = [...selection.ids];
  const { remove, question, ask, forget } = useDeletion(project, selection);
  const board = useBoard(ids);
  return (
    <>
      {ids.length > 0 && (
        <div className={classes.bar} role="toolbar" aria-label="Selected jobs">
          <span role="status">{formatCount(ids.length)} selected</span>
          <CompareLink project={project} ids={ids} />
          <TagPopover project={project} ids={ids} />
          <Action
            words="Send to TensorBoard"
            isOff={ids.length > MOST}
            isBusy={board.isPending}
            onClick={board.open}
          />
          <Action words="Delete" isDangerous isBusy={remove.isPending} onClick={ask} />
          <CopyButton text={ids.join('\n')} label="Copy the job IDs" />
          <Button
            size="compact-xs"
            variant="subtle"
            color="gray"
            onClick={() => {
              selection.set([]);
            }}
          >
            Clear
          </Button>
        </div>
      )}
      <Refusal title="The jobs could not be deleted" error={remove.error} onDismiss={remove.reset} />
      <Refusal title="TensorBoard could not be opened" error={board.error} onDismiss={board.reset} />
      {remove.data && <BulkReportNotice verb="deleted" report={remove.data} onDismiss={remove.reset} />}
      <ConfirmDialog question={question} onClose={forget} />
    </>
  );
}

/** Deletes the selected jobs, once somebody has confirmed it. */
function useDeletion(project: string, selection: Selection) {
  const [question, setQuestion] = useState<Question>();
  const remove = useDeleteJobs(project);
  const ids = [...selection.ids];
  const words = ids.length === 1 ? 'the job' : `${formatCount(ids.length)} jobs`;
  const ask = (): void => {
    setQuestion({
      title: `Delete ${words}?`,
      text: 'Metrics, logs and artifacts go too, for good. A job that has not ended stays.',
      action: `Delete ${words}`,
      onConfirm: () => {
        remove.mutate(ids, {
          onSuccess: ({ done }) => {
            selection.remove(done);
          },
        });
      },
    });
  };
  const forget = (): void => {
    setQuestion(undefined);
  };
  return { remove, question, ask, forget };
}

/** Opens TensorBoard with the selected jobs in a tab of its own. */
function useBoard(ids: string[]) {
  const { mutate, isPending, error, reset } = useTensorBoard();
  const open = (): void => {
    // Opened at the click, or the browser takes it for an advertisement.
    const tab = window.open('', '_blank');
    mutate(ids, {
      onSuccess: (url) => {
        if (tab) tab.location.href = url;
        else window.location.assign(url);
      },
      onError: () => tab?.close(),
    });
  };
  return { open, isPending, error, reset };
}

interface ActionProps {
  words: string;
  isOff?: boolean;
  isBusy: boolean;
  isDangerous?: boolean;
  onClick: () => void;
}

function Action({ words, isOff = false, isBusy, isDangerous = false, onClick }: ActionProps) {
  return (
    <Button
      size="compact-xs"
      variant="default"
      disabled={isOff}
      loading={isBusy}
      className={(isDangerous && classes.danger) || ''}
      onClick={onClick}
    >
      {words}
    </Button>
  );
}

function CompareLink({ project, ids }: { project: string; ids: string[] }) {
  usePageAhead(ids.length > 1);
  if (ids.length === 1) return <span className={classes.hint}>Select another to compare</span>;
  if (ids.length > MOST) return <span className={classes.hint}>{MOST} can be compared at most</span>;
  return (
    <Link
      to="/projects/$project/compare"
      params={{ project }}
      search={{ jobs: ids.join() }}
      className={classes.compare}
    >
      Compare
    </Link>
  );
}

/** Bring the code of the comparison once somebody may want it. What fails here is told when the page is opened. */
function usePageAhead(isLikely: boolean): void {
  const router = useRouter();
  useEffect(() => {
    const route = router.routesByPath['/projects/$project/compare'];
    if (isLikely) router.loadRouteChunk(route)?.catch(() => undefined);
  }, [router, isLikely]);
}
