import { CloseButton } from '@mantine/core';
import { useSyncExternalStore } from 'react';

import { announcements } from '@/lib/announcements';

import classes from './AnnouncementList.module.css';

/** What was just done, for as long as it takes to read it. */
export function AnnouncementList() {
  const shown = useSyncExternalStore(announcements.subscribe, announcements.read);
  return (
    <div className={classes.list} role="status">
      {shown.map(({ id, text }) => (
        <p key={id} className={classes.announcement}>
          {text}
          <CloseButton
            size="xs"
            aria-label="Dismiss"
            onClick={() => {
              announcements.dismiss(id);
            }}
          />
        </p>
      ))}
    </div>
  );
}
