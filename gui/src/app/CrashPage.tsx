import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';

import { CodeBlock } from '@/components/CodeBlock';
import { Notice } from '@/components/Notice';
import { isMissingPart } from '@/lib/missingPart';

import { MissingPartPage } from './MissingPartPage';

/** What is shown when a page breaks: the jobs are safe, and here is what to do and to report. */
export function CrashPage({ error }: { error: unknown }) {
  if (isMissingPart(error)) return <MissingPartPage />;
  return (
    <Notice title="This page broke" role="alert">
      <p>
        Your jobs and their data are not affected. Loading the page again usually helps; if not, this says
        why:
      </p>
      <CodeBlock code={textOf(error)} label="Copy the error" />
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
