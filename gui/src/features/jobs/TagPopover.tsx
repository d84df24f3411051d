import { Button, Popover, TextInput } from '@mantine/core';
import { useState } from 'react';

import { Refusal } from '@/components/Refusal';

import { useTagJobs } from './api/changeJobs';
import classes from './SelectionBar.module.css';

/** Sets a tag on the selected jobs, or takes one from them. */
export function TagPopover({ project, ids }: { project: string; ids: string[] }) {
  const [isOpen, setOpen] = useState(false);
  const [name, setName] = useState('');
  const [value, setValue] = useState('');
  const tag = useTagJobs(project);
  const change = (set: Record<string, string>, remove: string[]): void => {
    tag.mutate({ jobIds: ids, change: { set, remove } });
    setOpen(false);
  };
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
          <form
            className={classes.tag}
            onSubmit={(event) => {
              event.preventDefault();
              if (name.trim()) change({ [name.trim()]: value }, []);
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
              <Button size="xs" type="submit" disabled={!name.trim()}>
                Set
              </Button>
              <Button
                size="xs"
                variant="default"
                disabled={!name.trim()}
                onClick={() => {
                  change({}, [name.trim()]);
                }}
              >
                Remove
              </Button>
            </div>
          </form>
        </Popover.Dropdown>
      </Popover>
      <Refusal title="The tag could not be changed" error={tag.error} onDismiss={tag.reset} />
    </>
  );
}
