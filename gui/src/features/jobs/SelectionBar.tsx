import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';

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
  const [question, setQuestion] = useState<Question>();
  const remove = useDeleteJobs(project);
  const show = useTensorBoard();
  const ids = [...selection.ids];
  const askToDelete = (): void => {
    setQuestion({
      title: ids.length === 1 ? 'Delete this job?' : `Delete ${formatCount(ids.length)} jobs?`,
      text: 'Their metrics, logs and artifacts go with them, for good. A job that has not ended stays.',
      action: ids.length === 1 ? 'Delete the job' : `Delete ${formatCount(ids.length)} jobs`,
      onConfirm: () => {
        remove.mutate(ids, {
          onSuccess: ({ done }) => {
            selection.remove(done);
          },
        });
      },
    });
  };
  const openTensorBoard = (): void => {
    // Opened at the click, or the browser takes it for an advertisement.
    const tab = window.open('', '_blank');
    show.mutate(ids, {
      onSuccess: (url) => {
        if (tab) tab.location.href = url;
        else window.location.assign(url);
      },
      onError: () => tab?.close(),
    });
  };
  return (
    <>
      {ids.length > 0 && (
        <div className={classes.bar} role="toolbar" aria-label="Selected jobs">
          <span role="status">{formatCount(ids.length)} selected</span>
          <CompareLink project={project} ids={ids} />
          <TagPopover project={project} ids={ids} />
          <Button
            size="compact-xs"
            variant="default"
            onClick={openTensorBoard}
            disabled={ids.length > MOST}
            loading={show.isPending}
          >
            Send to TensorBoard
          </Button>
          <Button
            size="compact-xs"
            variant="default"
            className={classes.danger ?? ''}
            onClick={askToDelete}
            loading={remove.isPending}
          >
            Delete
          </Button>
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
      <Refusal title="TensorBoard could not be opened" error={show.error} onDismiss={show.reset} />
      {remove.data && <BulkReportNotice verb="deleted" report={remove.data} onDismiss={remove.reset} />}
      <ConfirmDialog
        question={question}
        onClose={() => {
          setQuestion(undefined);
        }}
      />
    </>
  );
}

function CompareLink({ project, ids }: { project: string; ids: string[] }) {
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
