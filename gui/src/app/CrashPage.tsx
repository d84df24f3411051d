import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';

import { CodeBlock } from '@/components/CodeBlock';
import { Notice } from '@/components/Notice';

/** A part of the page that a newer version of it does not have any more. */
const GONE = /dynamically imported module|Importing a module script failed|error loading dynamically/i;

/** What is shown when a page breaks: the jobs are safe, and here is what to do and to report. */
export function CrashPage({ error }: { error: unknown }) {
  const isNewer = GONE.test(String(error));
  return (
    <Notice title={isNewer ? 'A newer version is there' : 'This page broke'} role="alert">
      <p>
        {isNewer
          ? 'The page was updated on the server, or the server does not answer. Load it again to go on.'
          : 'Your jobs and their data are not affected. Loading the page again usually helps; if not, this says why:'}
      </p>
      {!isNewer && <CodeBlock code={textOf(error)} label="Copy the error" />}
      <Button
        variant="default"
        size="xs"
        onClick={() => {
          window.location.reload();
        }}
      >
        Load the page again
      </Button>
      <p>
        <Link to="/projects">Go to all projects</Link>
      </p>
    </Notice>
  );
}

/** Lines of the way to the error that are worth reporting. */
const LINES = 6;

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const way = error.stack?.split('\n').filter((line) => line.trim().startsWith('at ')) ?? [];
  return [String(error), window.location.pathname, ...way.slice(0, LINES)].join('\n');
}
