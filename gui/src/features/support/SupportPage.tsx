import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { CodeBlock } from '@/components/CodeBlock';
import { CopyButton } from '@/components/CopyButton';
import { Icon } from '@/components/Icon';
import { Failure } from '@/components/Notice';
import { PageHead } from '@/components/PageHead';
import { Section } from '@/components/Section';

import { healthQuery } from './api/getHealth';
import { factsOf, serviceName } from './report';
import classes from './SupportPage.module.css';

const LOOK = `foundations doctor
atlas-server status`;
const LOGS = `tail -n 200 "\${FOUNDATIONS_HOME:-$HOME/.foundations}"/server/logs/*.log
docker compose logs --since 1h
foundations get logs scheduler JOB_ID`;

/** Where one looks when something does not go as it should, and what to send to whoever helps. */
export function SupportPage() {
  return (
    <>
      <PageHead title="Support" facts="What to read, what to look at, and what to send to whoever helps." />
      <div className={classes.page}>
        <ReadSection />
        <ServerSection />
        <Section title="Find out what is wrong">
          <div className={classes.part}>
            <p>
              <code>foundations doctor</code> looks at everything that jobs and scripts need, and says what to
              do where something is wrong; it changes nothing. The second command is for the server’s machine.
            </p>
            <CodeBlock code={LOOK} label="Copy the commands" />
          </div>
        </Section>
        <Section title="Report it">
          <div className={classes.part}>
            <p>
              Whoever runs this server can read its logs, and so help first. Say what you did, what you saw
              and what you expected; add what <code>foundations doctor</code> prints, the id of the job, and
              the lines of the logs from that time. Look them through first: they can hold names and paths.
            </p>
            <CodeBlock code={LOGS} label="Copy the commands" />
            <p className={classes.note}>
              The first is for a server that runs by itself, the second for one in containers, the third for
              what a job printed.
            </p>
          </div>
        </Section>
      </div>
    </>
  );
}

/** Pages that answer most questions. */
const ANSWERS: [string, string][] = [
  ['quickstart', 'Quickstart'],
  ['guides/tracking', 'Tracking'],
  ['guides/submitting', 'Submitting jobs'],
  ['guides/page', 'This page'],
  ['guides/server', 'Running a server'],
  ['reference/cli', 'Command line'],
  ['reference/python', 'Python'],
];

function ReadSection() {
  return (
    <Section title="Read">
      <div className={classes.part}>
        <p>
          The{' '}
          <Link to="/documentation/$" params={{ _splat: 'index' }}>
            documentation
          </Link>{' '}
          is here, of the version that runs. In a terminal, <code>--help</code> explains each command, and{' '}
          <kbd>?</kbd> on this page its keys.
        </p>
        <ul className={classes.answers}>
          {ANSWERS.map(([path, words]) => (
            <li key={path}>
              <Link to="/documentation/$" params={{ _splat: path }}>
                {words}
              </Link>
            </li>
          ))}
        </ul>
      </div>
    </Section>
  );
}

function ServerSection() {
  const { data, error, refetch } = useQuery(healthQuery());
  const facts = factsOf(data, navigator.userAgent);
  return (
    <Section
      title="This server"
      controls={data && <CopyButton text={facts} label="Copy what is told of the server" />}
    >
      <div className={classes.part}>
        {error && (
          <Failure title="The server did not say how it is" error={error} onRetry={() => void refetch()} />
        )}
        {data && (
          <dl className={classes.facts}>
            <dt>Version</dt>
            <dd>{data.version}</dd>
            {Object.entries(data.services).map(([name, { healthy, problem }]) => (
              <div key={name} className={classes.fact}>
                <dt>{serviceName(name)}</dt>
                <dd>
                  <span className={classes.health} data-healthy={healthy}>
                    <Icon name={healthy ? 'check' : 'cross'} size={14} />
                    {healthy ? 'Well' : (problem ?? 'Not well')}
                  </span>
                </dd>
              </div>
            ))}
          </dl>
        )}
      </div>
    </Section>
  );
}
