import { Button, Popover, TextInput } from '@mantine/core';
import { useState } from 'react';

import { Refusal } from '@/components/Refusal';

import { useTagJobs, type TagChange } from './api/changeJobs';
import classes from './SelectionBar.module.css';

/** Sets a tag on the selected jobs, or takes one from them. */
export function TagPopover({ project, ids }: { project: string; ids: string[] }) {
  const [isOpen, setOpen] = useState(false);
  const tag = useTagJobs(project);
  return (
    <>
      <Popover opened={isOpen} onChange={setOpen} position="bottom-start" shadow="md" trapFocus returnFocus>
        <Popover.Target>
          <Button
            size="compact-xs"
            variant="default"
            loading={tag.isPending}
            onClick={() => {
              setOpen(!isOpen);
            }}
          >
            Tag
          </Button>
        </Popover.Target>
        <Popover.Dropdown aria-label="Tag the selected jobs">
          <TagForm
            onChange={(change) => {
              tag.mutate({ jobIds: ids, change });
              setOpen(false);
            }}
          />
        </Popover.Dropdown>
      </Popover>
      <Refusal title="The tag could not be changed" error={tag.error} onDismiss={tag.reset} />
    </>
  );
}

function TagForm({ onChange }: { onChange: (change: TagChange) => void }) {
  const [name, setName] = useState('');
  const [value, setValue] = useState('');
  const tag = name.trim();
  return (
    <form
      className={classes.tag}
      onSubmit={(event) => {
        event.preventDefault();
        if (tag) onChange({ set: { [tag]: value }, remove: [] });
      }}
    >
      <TextInput
        size="xs"
        label="Tag"
        value={name}
        onChange={(event) => {
          setName(event.currentTarget.value);
        }}
      />
      <TextInput
        size="xs"
        label="Value, if any"
        value={value}
        onChange={(event) => {
          setValue(event.currentTarget.value);
        }}
      />
      <div className={classes.actions}>
        <Button size="xs" type="submit" disabled={!tag}>
          Set
        </Button>
        <Button
          size="xs"
          variant="default"
          disabled={!tag}
          onClick={() => {
            onChange({ set: {}, remove: [tag] });
          }}
        >
          Remove
        </Button>
      </div>
    </form>
  );
}
