import { ActionIcon, Button, TextInput } from '@mantine/core';

import { Icon, type IconName } from '@/components/Icon';
import { paths } from '@/config/paths';
import { formatCount } from '@/lib/values';

import type { FollowState } from './api/LogFollower';
import classes from './LogSection.module.css';
import type { LogSearch } from './useLogSearch';

export const STATES: Record<FollowState, string> = {
  opening: 'Opening',
  following: 'Following',
  ended: 'Complete',
  missing: 'None',
  lost: 'Connection lost, trying again',
};

interface LogControlsProps {
  jobId: string;
  state: FollowState;
  search: LogSearch;
  /** Undefined while no line is known to have arrived at a time. */
  times: { shown: boolean; show: (shown: boolean) => void } | undefined;
}

/** Finding words and errors in the log, and taking it along. */
export function LogControls({ jobId, state, search, times }: LogControlsProps) {
  return (
    <span className={classes.controls}>
      <span role="status">{STATES[state]}</span>
      {search.goToError && (
        <Button size="compact-xs" variant="subtle" color="gray" onClick={search.goToError}>
          Go to the error
        </Button>
      )}
      {times && (
        <Button
          size="compact-xs"
          variant={times.shown ? 'light' : 'subtle'}
          color="gray"
          aria-pressed={times.shown}
          title="When each line reached this page. Those that were there before have no time: a log keeps none."
          onClick={() => {
            times.show(!times.shown);
          }}
        >
          Times
        </Button>
      )}
      <LogSearchField search={search} />
      <a href={paths.log(jobId)} download={`${jobId}.log`} className={classes.download}>
        <Icon name="down" size={14} />
        Download
      </a>
    </span>
  );
}

function LogSearchField({ search }: { search: LogSearch }) {
  const { words, setWords, found, current, go } = search;
  const place = current < 0 ? '' : `${formatCount(current + 1)} of `;
  const reading = words === '' ? '' : `${place}${formatCount(found)}`;
  return (
    <span className={classes.search} role="search">
      <TextInput
        size="xs"
        w={190}
        type="search"
        aria-label="Find in the log"
        placeholder="Find in the log"
        value={words}
        onChange={(event) => {
          setWords(event.currentTarget.value);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') go(event.shiftKey ? -1 : 1);
          if (event.key === 'Escape') setWords('');
        }}
        rightSectionWidth={70}
        rightSection={<span className={classes.found}>{reading}</span>}
      />
      {found > 0 && (
        <>
          <StepButton icon="sortUp" label="The one before" step={-1} go={go} />
          <StepButton icon="sortDown" label="The next one" step={1} go={go} />
        </>
      )}
    </span>
  );
}

interface StepButtonProps extends Pick<LogSearch, 'go'> {
  icon: IconName;
  label: string;
  step: 1 | -1;
}

function StepButton({ icon, label, step, go }: StepButtonProps) {
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="sm"
      aria-label={label}
      onClick={() => {
        go(step);
      }}
    >
      <Icon name={icon} size={13} />
    </ActionIcon>
  );
}
