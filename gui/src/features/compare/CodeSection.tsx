import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Suspense, useMemo } from 'react';

import { LazyCodeDiff } from '@/components/code/lazyCode';
import { FileTree } from '@/components/FileTree';
import { Hint } from '@/components/Hint';
import { Section } from '@/components/Section';
import { Select } from '@/components/Select';
import { treeOf } from '@/lib/fileTree';
import { bundleOf, sourceQuery, type SourceFile } from '@/lib/getSource';
import { shortId } from '@/lib/jobId';
import type { Job } from '@/types/api';

import { changedFiles, type ChangedFile } from './code';
import classes from './CodeSection.module.css';
import { useCompareSearch } from './useCompareSearch';

const FATES = { changed: 'changed', added: 'new', removed: 'gone' } as const;

/** What differs between the code of two of the jobs, side by side. */
export function CodeSection({ jobs }: { jobs: Job[] }) {
  const [search, change] = useCompareSearch();
  const left = jobs.find(({ job_id: id }) => id === search.left) ?? jobs[0];
  const right = jobs.find(({ job_id: id }) => id === search.right) ?? jobs.find((job) => job !== left);
  if (!left || !right) return null;
  return (
    <Section
      title="Code"
      controls={
        <span className={classes.choice}>
          <JobSelect
            label="Before"
            jobs={jobs}
            chosen={left}
            onChoose={(id) => {
              change({ left: id });
            }}
          />
          <JobSelect
            label="after"
            jobs={jobs}
            chosen={right}
            onChoose={(id) => {
              change({ right: id });
            }}
          />
        </span>
      }
    >
      <CodeOfTwo left={left} right={right} />
    </Section>
  );
}

interface JobSelectProps {
  label: string;
  jobs: Job[];
  chosen: Job;
  onChoose: (jobId: string) => void;
}

function JobSelect({ label, jobs, chosen, onChoose }: JobSelectProps) {
  return (
    <Select
      label={label}
      value={chosen.job_id}
      options={jobs.map(({ job_id: id }) => [id, shortId(id)] as const)}
      onChange={onChoose}
    />
  );
}

function CodeOfTwo({ left, right }: { left: Job; right: Job }) {
  const [idLeft, idRight] = [bundleOf(left), bundleOf(right)];
  const isKnown = idLeft !== undefined && idRight !== undefined;
  const isSame = idLeft === idRight;
  const before = useQuery({ ...sourceQuery(idLeft ?? ''), enabled: isKnown && !isSame });
  const after = useQuery({ ...sourceQuery(idRight ?? ''), enabled: isKnown && !isSame });
  if (!isKnown) {
    const without = idLeft === undefined ? left : right;
    return <Hint>No code was kept of job {shortId(without.job_id)}.</Hint>;
  }
  if (isSame) return <Hint>Both ran the same code.</Hint>;
  const error = before.error ?? after.error;
  if (error) return <Hint>The code could not be read. {error.message}</Hint>;
  if (!before.data || !after.data)
    return <Skeleton height={300} radius="md" role="status" aria-label="Reading the code" />;
  return <Differences left={left} right={right} before={before.data} after={after.data} />;
}

interface DifferencesProps {
  left: Job;
  right: Job;
  before: SourceFile[];
  after: SourceFile[];
}

function Differences({ left, right, before, after }: DifferencesProps) {
  const [search, change] = useCompareSearch();
  const files = useMemo(() => changedFiles(before, after), [before, after]);
  const tree = useMemo(() => treeOf(files), [files]);
  const file = files.find(({ path }) => path === search.file) ?? files[0];
  if (!file) return <Hint>Their code is the same.</Hint>;
  return (
    <div className={classes.columns}>
      <FileTree
        tree={tree}
        shown={file.path}
        note={({ fate }: ChangedFile) => FATES[fate]}
        onOpen={(path) => {
          change({ file: path });
        }}
      />
      <FileDifference
        file={file}
        left={`job ${shortId(left.job_id)}`}
        right={`job ${shortId(right.job_id)}`}
      />
    </div>
  );
}

function FileDifference({ file, left, right }: { file: ChangedFile; left: string; right: string }) {
  const { path, before, after } = file;
  const isText =
    (before === undefined || before.text !== undefined) && (after === undefined || after.text !== undefined);
  return (
    <div className={classes.shown}>
      <p className={classes.sides}>
        <span>
          {left} {before === undefined && '(not there)'}
        </span>
        <span>
          {right} {after === undefined && '(not there)'}
        </span>
      </p>
      {isText ? (
        <Suspense fallback={<Skeleton height={300} radius="md" />}>
          <LazyCodeDiff
            path={path}
            before={{ label: left, text: before?.text ?? '' }}
            after={{ label: right, text: after?.text ?? '' }}
          />
        </Suspense>
      ) : (
        <Hint>This file differs, but is no text, or too long to be compared here.</Hint>
      )}
    </div>
  );
}
