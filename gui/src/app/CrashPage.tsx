import { Button } from '@mantine/core';

import { CodeBlock } from '@/components/CodeBlock';
import { Notice } from '@/components/Notice';

/** What is shown when a page breaks: the jobs are safe, and here is what to report. */
export function CrashPage({ error }: { error: unknown }) {
  return (
    <Notice title="This page broke" role="alert">
      <p>
        Your jobs and their data are not affected. Loading the page again usually helps; if not, this says
        why:
      </p>
      <CodeBlock code={String(error)} label="Copy the error" />
      <Button
        variant="default"
        size="xs"
        onClick={() => {
          window.location.reload();
        }}
      >
        Load the page again
      </Button>
    </Notice>
  );
}
