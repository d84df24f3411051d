import { Button, Menu } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';

import { Icon } from '@/components/Icon';
import { loginPath, paths } from '@/config/paths';
import { announcements } from '@/lib/announcements';
import { useSession } from '@/lib/getSession';
import { send } from '@/lib/request';

import classes from './UserMenu.module.css';

/** Who is logged in, and the way out. Nothing where nobody logs in. */
export function UserMenu() {
  const session = useSession();
  const logOut = useMutation({
    mutationFn: () => send('POST', paths.logout),
    onSuccess: () => {
      // All that is shown belongs to who has left.
      window.location.assign('/');
    },
    onError: (error) => {
      announcements.say(`You could not be logged out. ${error.message}`);
    },
  });
  if (!session?.login) return null;
  if (session.user === null) {
    return (
      <Button component="a" href={loginPath()} size="compact-sm">
        Log in
      </Button>
    );
  }
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <button type="button" className={classes.user} aria-label={`Logged in as ${session.user}`}>
          <Icon name="person" size={14} />
          <span className={classes.name}>{session.user}</span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {session.role && <Menu.Label>{session.role}</Menu.Label>}
        <Menu.Item
          onClick={() => {
            logOut.mutate();
          }}
        >
          Log out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
