import { CodeBlock } from '@/components/CodeBlock';
import { Section } from '@/components/Section';
import type { Job } from '@/types/api';

import classes from './AgainSection.module.css';
import { commandAgain, quoted } from './command';
import { hasEnded } from './ending';

/** How to run the job again, and how to get its files. Nothing where its command is not known. */
export function AgainSection({ job }: { job: Job }) {
  const command = commandAgain(job);
  if (!command) return null;
  return (
    <Section title="Run it again">
      <div className={classes.steps}>
        <p>From the project’s directory:</p>
        <CodeBlock code={command} label="Copy the command" />
        {job.mode === 'scheduled' && hasEnded(job) && (
          <>
            <p>Its files, as the job left them:</p>
            <CodeBlock
              code={`foundations get job scheduler ${quoted(job.job_id)}`}
              label="Copy the command for its files"
            />
          </>
        )}
      </div>
    </Section>
  );
}
