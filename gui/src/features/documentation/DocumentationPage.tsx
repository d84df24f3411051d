import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';

import { Markdown } from '@/components/Markdown';
import { Failure, Notice } from '@/components/Notice';
import { PageHead } from '@/components/PageHead';

import classes from './DocumentationPage.module.css';
import { PAGES, readPage, shownPage } from './pages';

const route = getRouteApi('/documentation/$');

/** A page of the documentation of this very version; it is read without leaving, and without another server. */
export function DocumentationPage() {
  const { _splat: path = '' } = route.useParams();
  const { data, error, refetch } = useQuery({
    queryKey: ['documentation', path],
    queryFn: async () => (await readPage(path || 'index')) ?? null,
    staleTime: Infinity,
  });
  if (error) {
    return <Failure title="The page could not be read" error={error} onRetry={() => void refetch()} />;
  }
  const page = typeof data === 'string' ? shownPage(path || 'index', data) : undefined;
  return (
    <>
      <PageHead
        title={page?.title ?? 'Documentation'}
        trail={[
          <Link key="all" to="/documentation/$" params={{ _splat: 'index' }}>
            Documentation
          </Link>,
        ]}
      />
      <div className={classes.columns}>
        <Contents path={path || 'index'} />
        {page && <Text key={path} text={page.text} />}
        {data === undefined && (
          <Skeleton height={240} radius="sm" role="status" aria-label="Reading the page" />
        )}
        {data === null && (
          <Notice title="There is no such page">
            <p>Choose another one; all that there are stand here.</p>
          </Notice>
        )}
      </div>
    </>
  );
}

function Contents({ path }: { path: string }) {
  return (
    <nav aria-label="Pages of the documentation" className={classes.contents}>
      {Object.entries(PAGES).map(([part, pages]) => (
        <div key={part}>
          <h2 className={classes.part}>{part}</h2>
          <ul>
            {Object.entries(pages).map(([page, title]) => (
              <li key={page}>
                <Link
                  to="/documentation/$"
                  params={{ _splat: page }}
                  aria-current={page === path ? 'page' : undefined}
                >
                  {title}
                </Link>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}

/** The text, whose links to other pages do not load the whole page again. */
function Text({ text }: { text: string }) {
  const navigate = useNavigate();
  const follow = (event: React.MouseEvent): void => {
    const href = (event.target as HTMLElement).closest('a')?.getAttribute('href');
    const wantsTab = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
    if (!href?.startsWith('/documentation/') || wantsTab) return;
    event.preventDefault();
    void navigate({ to: '/documentation/$', params: { _splat: href.slice('/documentation/'.length) } });
  };
  return (
    <div className={classes.text} onClick={follow}>
      <Markdown text={text} />
    </div>
  );
}
