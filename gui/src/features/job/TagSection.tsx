import { ActionIcon, Button, CloseButton, TextInput } from '@mantine/core';
import { useCallback, useState } from 'react';

import { Icon } from '@/components/Icon';
import { Refusal } from '@/components/Refusal';
import { Section } from '@/components/Section';
import { Tag } from '@/components/Tag';
import type { Job } from '@/types/api';

import { useChangeTags } from './api/changeTags';
import classes from './TagSection.module.css';

/** The tags of a job, which people add and take away. */
export function TagSection({ job }: { job: Job }) {
  const [isAdding, setIsAdding] = useState(false);
  const change = useChangeTags(job.job_id);
  const tags = Object.entries(job.tags);
  return (
    <Section
      title="Tags"
      count={tags.length}
      controls={
        !isAdding && (
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            aria-label="Add a tag"
            onClick={() => {
              setIsAdding(true);
            }}
          >
            <Icon name="plus" size={14} />
          </ActionIcon>
        )
      }
    >
      <Refusal title="The tags could not be changed" error={change.error} onDismiss={change.reset} />
      <div data-class="job-details-tags">
        {tags.length === 0 && !isAdding && <p className={classes.empty}>None are set.</p>}
        <ul className={classes.tags}>
          {tags.map(([name, value]) => (
            <li key={name} className={classes.tag}>
              <Tag name={name} value={value} />
              <CloseButton
                size={18}
                iconSize={12}
                aria-label={`Remove the tag ${name}`}
                onClick={() => {
                  change.mutate({ remove: [name] });
                }}
              />
            </li>
          ))}
        </ul>
      </div>
      {isAdding && (
        <NewTag
          onClose={() => {
            setIsAdding(false);
          }}
          onAdd={(name, value) => {
            change.mutate({ set: { [name]: value } });
          }}
        />
      )}
    </Section>
  );
}

interface NewTagProps {
  onAdd: (name: string, value: string) => void;
  onClose: () => void;
}

function NewTag({ onAdd, onClose }: NewTagProps) {
  const [name, setName] = useState('');
  const [value, setValue] = useState('');
  const focusAtFirst = useCallback((input: HTMLInputElement | null) => input?.focus(), []);
  return (
    <form
      className={classes.form}
      aria-label="New tag"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() === '') return;
        onAdd(name.trim(), value.trim());
        onClose();
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose();
      }}
    >
      <TextInput
        size="xs"
        aria-label="Name of the tag"
        placeholder="Tag"
        value={name}
        ref={focusAtFirst}
        onChange={(event) => {
          setName(event.currentTarget.value);
        }}
      />
      <TextInput
        size="xs"
        aria-label="Value of the tag"
        placeholder="Tag Value"
        value={value}
        onChange={(event) => {
          setValue(event.currentTarget.value);
        }}
      />
      <Button type="submit" size="compact-xs" disabled={name.trim() === ''}>
        Save
      </Button>
      <Button size="compact-xs" variant="default" onClick={onClose}>
        Cancel
      </Button>
    </form>
  );
}
