import { Button, Skeleton } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';

import { Moment } from '@/components/Moment';
import { Refusal } from '@/components/Refusal';
import { useAuthor } from '@/lib/author';

import { useDescribe, type Description } from './api/description';
import classes from './OverviewPage.module.css';

const Markdown = lazy(() => import('@/components/Markdown').then((page) => ({ default: page.Markdown })));

interface VersionListProps {
  project: string;
  description: Description;
  onClose: () => void;
}

/** What the description was before, and the way back to it. */
export function VersionList({ project, description: { text, versions }, onClose }: VersionListProps) {
  const [chosen, setChosen] = useState(0);
  const describe = useDescribe(project);
  const author = useAuthor();
  const version = versions[chosen];
  return (
    <>
      <Refusal title="The version was not restored" error={describe.error} onDismiss={describe.reset} />
      <div className={classes.halves}>
        <ul className={classes.versions} aria-label="Versions, newest first">
          {versions.map(({ time, author: writer }, index) => (
            <li key={time}>
              <button
                type="button"
                aria-pressed={index === chosen}
                onClick={() => {
                  setChosen(index);
                }}
              >
                <Moment at={time * 1000} /> {writer && `by ${writer}`} {index === 0 && '(now)'}
              </button>
            </li>
          ))}
        </ul>
        <div className={classes.card}>
          <Suspense fallback={<Skeleton height={90} />}>
            <Markdown text={version?.text || '*Empty*'} />
          </Suspense>
        </div>
      </div>
      <div className={classes.actions} style={{ marginTop: 10 }}>
        <Button
          size="xs"
          disabled={!version || version.text === text}
          loading={describe.isPending}
          onClick={() => {
            if (version)
              describe.mutate({ text: version.text, author, replaces: text }, { onSuccess: onClose });
          }}
        >
          Restore this version
        </Button>
        <Button size="xs" variant="default" onClick={onClose}>
          Back
        </Button>
      </div>
    </>
  );
}
