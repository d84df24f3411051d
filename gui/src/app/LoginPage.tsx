import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';

import { Failure, Notice } from '@/components/Notice';
import { PageHead } from '@/components/PageHead';
import { sessionQuery } from '@/lib/getSession';
import { keepWantedPage, loginPath, takeWantedPage } from '@/lib/login';
import type { Session } from '@/types/people';

/** The way in, where people log in; where nobody needs to, it says so and leads on. */
export function LoginPage() {
  const { data: session, error, refetch } = useQuery(sessionQuery());
  return (
    <>
      <PageHead title="Log in" />
      {!session && error && (
        <Failure title="The server did not say who you are" error={error} onRetry={() => void refetch()} />
      )}
      {session && <Answer session={session} />}
    </>
  );
}

function Answer({ session: { login, user } }: { session: Session }) {
  const isIn = !login || user !== null;
  const [wanted] = useState(() => (isIn ? takeWantedPage() : undefined));
  useEffect(() => {
    if (wanted) window.location.replace(wanted);
  }, [wanted]);
  if (wanted) return <Notice title="On to the page that you wanted" role="status" />;
  if (!login) {
    return (
      <Notice title="No login is needed here">
        <p>
          This server asks nobody who they are: whoever reaches it sees and changes everything.{' '}
          <Link to="/documentation/$" params={{ _splat: 'guides/login' }}>
            How to let people log in
          </Link>
        </p>
        <ToProjects />
      </Notice>
    );
  }
  if (user !== null) {
    return (
      <Notice title={`You are logged in as ${user}`}>
        <p>To go in as somebody else, log out first, in the menu under your name.</p>
        <ToProjects />
      </Notice>
    );
  }
  return (
    <Notice title="Welcome">
      <p>You log in on the page of your organisation’s login, and come back here.</p>
      <Button component="a" href={loginPath()} onClick={keepWantedPage} size="sm">
        Log in
      </Button>
      <p>
        No account yet? <Link to="/support">Who helps</Link>
      </p>
    </Notice>
  );
}

function ToProjects() {
  return (
    <p>
      <Link to="/projects">Go to all projects</Link>
    </p>
  );
}
