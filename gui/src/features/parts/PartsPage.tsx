import { Button } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';

import { CodeBlock } from '@/components/CodeBlock';
import { ConfirmDialog, type Question } from '@/components/ConfirmDialog';
import { CopyButton } from '@/components/CopyButton';
import { Duration } from '@/components/Duration';
import { Hint } from '@/components/Hint';
import { Meter } from '@/components/Meter';
import { Moment } from '@/components/Moment';
import { Notice } from '@/components/Notice';
import { PageHead } from '@/components/PageHead';
import { Reason } from '@/components/Reason';
import { Refusal } from '@/components/Refusal';
import { SearchField } from '@/components/SearchField';
import { StatusMark } from '@/components/StatusMark';
import { StepSlider } from '@/components/StepSlider';
import { Tag } from '@/components/Tag';
import { announcements } from '@/lib/announcements';

import { ColourPart, IconPart } from './LookParts';
import { Part } from './Part';
import classes from './PartsPage.module.css';

const ChartParts = lazy(() => import('./ChartParts').then(({ ChartParts: parts }) => ({ default: parts })));
const CodeParts = lazy(() => import('./CodeParts').then(({ CodeParts: parts }) => ({ default: parts })));

/** Every part that pages are made of, so that the next page is made of them too. */
export function PartsPage() {
  return (
    <>
      <PageHead
        title="Components"
        facts="What the pages are made of. Each lies in src/components, under the name that stands above it."
      />
      <div className={classes.parts}>
        <ColourPart />
        <IconPart />
        <WordParts />
        <ControlParts />
        <AnswerParts />
        <Suspense fallback={null}>
          <ChartParts />
          <CodeParts />
        </Suspense>
      </div>
    </>
  );
}

const LONG_AGO = Date.UTC(2026, 0, 31, 12, 0);

function WordParts() {
  return (
    <>
      <Part name="StatusMark">
        {(['queued', 'pending', 'running', 'completed', 'failed'] as const).map((status) => (
          <StatusMark key={status} status={status} />
        ))}
      </Part>
      <Part name="Tag">
        <Tag name="model" value="mlp" />
        <Tag name="best" value="" />
        <Tag name="a long name that does not end for a while" value={0.123456789} />
      </Part>
      <Part name="Moment, Duration">
        <Moment at={LONG_AGO} />
        <Moment at={LONG_AGO} as="ago" />
        <Duration seconds={7512} />
      </Part>
      <Part name="Reason">
        <span>
          <Reason text="All 2 workers are busy. It is promised a start by 31 January 2026 19:55 UTC." />
        </span>
      </Part>
      <Part name="Meter">
        <div style={{ width: 260 }}>
          <Meter label="Workers" used={3} total={4} words="3 of 4 busy" />
        </div>
      </Part>
      <Part name="CodeBlock" isWide>
        <CodeBlock code="foundations submit scheduler . main.py" label="Copy the command" />
      </Part>
    </>
  );
}

function ControlParts() {
  const [words, setWords] = useState('');
  const [place, setPlace] = useState(2);
  const [question, setQuestion] = useState<Question>();
  const ask = (): void => {
    setQuestion({
      title: 'Delete this job?',
      text: 'What cannot be undone is asked about first.',
      action: 'Delete the job',
      onConfirm: () => {
        announcements.say('Nothing was deleted: this is a page of examples.');
      },
    });
  };
  return (
    <>
      <Part name="SearchField">
        <SearchField label="Find a file" value={words} onChange={setWords} />
      </Part>
      <Part name="StepSlider">
        <div style={{ width: 320 }}>
          <StepSlider steps={[0, 10, 20, 50, 100]} place={place} onPlace={setPlace} />
        </div>
      </Part>
      <Part name="CopyButton">
        <CopyButton text="copied" label="Copy a word" />
      </Part>
      <Part name="ConfirmDialog, announcements">
        <Button size="xs" variant="default" onClick={ask}>
          Ask
        </Button>
        <ConfirmDialog
          question={question}
          onClose={() => {
            setQuestion(undefined);
          }}
        />
      </Part>
    </>
  );
}

function AnswerParts() {
  const [isRefused, setIsRefused] = useState(true);
  return (
    <>
      <Part name="Refusal" isWide>
        <Refusal
          title="The job could not be moved"
          error={isRefused ? new Error('It has begun meanwhile.') : null}
          onDismiss={() => {
            setIsRefused(false);
          }}
        />
      </Part>
      <Part name="Hint" isWide>
        <Hint>No job waits: the next one starts at once.</Hint>
      </Part>
      <Part name="Notice" isWide>
        <Notice title="Nothing to compare yet">
          <p>Select two jobs or more in the table, then choose Compare.</p>
        </Notice>
      </Part>
    </>
  );
}
