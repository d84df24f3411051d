import { Button, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';

import { Hint } from '@/components/Hint';
import { Failure } from '@/components/Notice';
import { Section } from '@/components/Section';
import { hasDraft } from '@/lib/drafts';

import { descriptionQuery, draftOf } from './api/description';
import { DescriptionEditor } from './DescriptionEditor';
import classes from './OverviewPage.module.css';
import { VersionList } from './VersionList';

const Markdown = lazy(() => import('@/components/Markdown').then((page) => ({ default: page.Markdown })));

/** What people say of the project, in Markdown: read, written, and as it was before. */
export function DescriptionSection({ project }: { project: string }) {
  const { data, error, refetch } = useQuery(descriptionQuery(project));
  const [mode, setMode] = useState<'read' | 'write' | 'versions'>(
    hasDraft(draftOf(project)) ? 'write' : 'read',
  );
  const back = (): void => {
    setMode('read');
  };
  const controls = data && mode === 'read' && (
    <div className={classes.actions}>
      {data.versions.length > 1 && (
        <Button
          size="compact-xs"
          variant="subtle"
          color="gray"
          onClick={() => {
            setMode('versions');
          }}
        >
          {data.versions.length} versions
        </Button>
      )}
      <Button
        size="compact-xs"
        variant="default"
        onClick={() => {
          setMode('write');
        }}
      >
        Edit
      </Button>
    </div>
  );
  return (
    <Section title="Project overview" controls={controls}>
      {error && !data && (
        <Failure title="The description could not be read" error={error} onRetry={() => void refetch()} />
      )}
      {data && mode === 'write' && <DescriptionEditor project={project} description={data} onClose={back} />}
      {data && mode === 'versions' && <VersionList project={project} description={data} onClose={back} />}
      {data && mode === 'read' && <Read text={data.text} />}
      {!data && !error && <Skeleton height={90} radius="md" />}
    </Section>
  );
}

function Read({ text }: { text: string }) {
  if (!text.trim()) {
    return (
      <Hint>
        Your project overview is empty! Click on Edit to add a description: what the project is for, where its
        data is, which jobs are the best so far.
      </Hint>
    );
  }
  return (
    <Suspense fallback={<Skeleton height={90} radius="md" />}>
      <Markdown text={text} />
    </Suspense>
  );
}
