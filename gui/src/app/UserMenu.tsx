import { Button, Menu } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';

import { Icon } from '@/components/Icon';
import { paths } from '@/config/paths';
import { announcements } from '@/lib/announcements';
import { forgetDrafts, hasDrafts } from '@/lib/drafts';
import { useSession } from '@/lib/getSession';
import { keepWantedPage, loginPath } from '@/lib/login';
import { sendJson } from '@/lib/request';

import classes from './UserMenu.module.css';

/** What goes on where people log in, after a log-out of which it may not have heard; `page` ends it there. */
interface LoginLeft {
  left: string;
  page: string | null;
}

const LOSES_DRAFTS = 'What you wrote and have not sent is dropped when you log out. Log out?';

/** Who is logged in, and the way out. Nothing where nobody logs in. */
export function UserMenu() {
  const session = useSession();
  const logOut = useMutation({
    mutationFn: () => sendJson<LoginLeft | undefined>('POST', paths.logout),
    onSuccess: (left) => {
      forgetDrafts();
      // Whoever sits here next must not take the login for ended; what is on the page is gone in a moment.
      if (left && !left.page) window.alert(left.left);
      // All that is shown belongs to who has left.
      window.location.assign(left?.page ?? '/');
    },
    onError: (error) => {
      announcements.say(`You could not be logged out. ${error.message}`);
    },
  });
  if (!session?.login) return null;
  if (session.user === null) {
    return (
      <Button component="a" href={loginPath()} onClick={keepWantedPage} size="compact-sm">
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
            if (!hasDrafts() || window.confirm(LOSES_DRAFTS)) logOut.mutate();
          }}
        >
          Log out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
