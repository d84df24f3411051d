import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Suspense, useMemo } from 'react';

import { DiffView } from '@/components/code/DiffView';
import { LazyCodeView } from '@/components/code/lazyCode';
import { CodeWords } from '@/components/CodeWords';
import { CopyButton } from '@/components/CopyButton';
import { FileTree } from '@/components/FileTree';
import { Hint } from '@/components/Hint';
import { Section } from '@/components/Section';
import panes from '@/components/TwoPanes.module.css';
import { gitOf } from '@/lib/facts';
import { treeOf } from '@/lib/fileTree';
import { bundleOf, BundleTooLarge, sourceQuery, type SourceFile } from '@/lib/getSource';
import { RequestError } from '@/lib/request';
import { formatBytes } from '@/lib/values';
import type { Job } from '@/types/api';

import classes from './CodeTab.module.css';
import { mainFile } from './mainFile';

interface CodeTabProps {
  job: Job;
  opened: string | undefined;
  /** The line of the opened file that is looked for. */
  line: number | undefined;
  onOpen: (path: string) => void;
}

/** The code that the job ran, and how it differed from its repository. */
export function CodeTab(props: CodeTabProps) {
  return (
    <div className={classes.sections}>
      <SourceSection {...props} />
      <GitSection job={props.job} />
    </div>
  );
}

function SourceSection({ job, ...place }: CodeTabProps) {
  const bundle = bundleOf(job);
  const { data, error, isPending } = useQuery({
    ...sourceQuery(bundle ?? ''),
    enabled: bundle !== undefined,
  });
  return (
    <Section title="Source" count={data?.length ?? 0}>
      {bundle === undefined && (
        <Hint>
          <CodeWords text={whyNoSource(job)} />
        </Hint>
      )}
      {bundle !== undefined && isPending && (
        <Skeleton height={360} radius="md" role="status" aria-label="Reading the code" />
      )}
      {error && (
        <Hint>
          <CodeWords text={whyUnread(error)} />
        </Hint>
      )}
      {data && <Browser files={data} main={mainFile(job, data)} {...place} />}
    </Section>
  );
}

interface BrowserProps extends Omit<CodeTabProps, 'job'> {
  files: SourceFile[];
  main: string | undefined;
}

function Browser({ files, main, opened, line, onOpen }: BrowserProps) {
  const tree = useMemo(() => treeOf(files), [files]);
  const file = files.find(({ path }) => path === opened) ?? files.find(({ path }) => path === main);
  return (
    <div className={panes.columns}>
      <FileTree tree={tree} shown={file?.path} onOpen={onOpen} />
      {file && (
        <section className={panes.shown} aria-label={`Shown: ${file.path}`}>
          <header className={classes.head}>
            <h3 className={classes.path}>{file.path}</h3>
            <span className={classes.size}>{formatBytes(file.size)}</span>
            {file.text !== undefined && <CopyButton text={file.text} label="Copy the file" />}
          </header>
          {file.text === undefined ? (
            <Hint>
              This file is no text, or too long to be read here. <code>foundations get job</code> brings it.
            </Hint>
          ) : (
            <Suspense fallback={<Skeleton height={360} radius="md" />}>
              <LazyCodeView
                path={file.path}
                text={file.text}
                line={file.path === opened ? line : undefined}
              />
            </Suspense>
          )}
        </section>
      )}
    </div>
  );
}

function GitSection({ job }: { job: Job }) {
  const git = gitOf(job);
  if (!git) return null;
  const where = [
    git.branch && `on ${git.branch}`,
    git.isDirty ? 'with changes that were not committed' : 'unchanged',
  ];
  return (
    <Section title="Repository">
      <p className={classes.commit}>
        {git.commit && (
          <>
            Commit <code title={git.commit}>{git.commit.slice(0, 10)}</code>
            <CopyButton text={git.commit} label="Copy the commit" />
          </>
        )}
        <span>{where.filter(Boolean).join(', ')}</span>
      </p>
      {git.diff.trim() !== '' && <DiffView diff={git.diff} />}
      {git.isCut && <p className={classes.cut}>The difference was longer; only its beginning was kept.</p>}
    </Section>
  );
}

function whyNoSource(job: Job): string {
  const source = job.facts['source'];
  const reason =
    typeof source === 'object' && source !== null && !Array.isArray(source) ? source['left_out'] : undefined;
  return typeof reason === 'string' ? `No code was kept. ${reason}` : 'No code was kept of this job.';
}

function whyUnread(error: Error): string {
  if (error instanceof BundleTooLarge)
    return `${error.message} That is too much to open here; \`foundations get job\` brings the files.`;
  if (error instanceof RequestError && error.isMissing) return 'The code of this job is not kept any more.';
  return `The code could not be read. ${error.message}`;
}
