import { Skeleton } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { getRouteApi } from '@tanstack/react-router';

import { useFilterDraft } from '@/components/filter/useFilterDraft';
import { Failure, Notice } from '@/components/Notice';
import { PageHead } from '@/components/PageHead';
import { SearchField } from '@/components/SearchField';
import { Select } from '@/components/Select';
import { formatCount } from '@/lib/values';
import type { Project } from '@/types/api';

import { useProjects } from './api/getProjects';
import { findProjects, ORDER_WORDS, orderOf, type DirectoryOrder } from './directory';
import { parseDirectorySearch, type DirectorySearch } from './directorySearch';
import { FirstProject } from './FirstProject';
import { ProjectList } from './ProjectList';

const route = getRouteApi('/projects');

/** Every project of this server. */
export function ProjectsPage() {
  const { search, setSearch, order, setOrder } = useDirectorySearch();
  const { data } = useProjects();
  return (
    <>
      <PageHead
        title="Projects"
        facts={data && data.length > 0 ? countOf(data, findProjects(data, search).length) : undefined}
      >
        {data && data.length > 0 && (
          <>
            <Select
              label="Order of the projects"
              isLabelHidden
              size="md"
              value={order}
              options={Object.entries(ORDER_WORDS)}
              onChange={setOrder}
            />
            <SearchField label="Find a project" value={search} onChange={setSearch} />
          </>
        )}
      </PageHead>
      <Directory search={search} order={order} />
    </>
  );
}

/** What is looked for and in which order, as the address says it; an order that was chosen once is the next one, too. */
function useDirectorySearch() {
  const { find = '', order } = route.useSearch();
  const navigate = route.useNavigate();
  const [stored, setStored] = useLocalStorage({
    key: 'order of projects',
    defaultValue: 'newest',
    getInitialValueInEffect: false,
  });
  const onChange = (change: DirectorySearch): void =>
    void navigate({ replace: true, search: (before) => parseDirectorySearch({ ...before, ...change }) });
  const [search, setSearch] = useFilterDraft(find, (text) => {
    onChange({ find: text });
  });
  const setOrder = (next: string): void => {
    setStored(next);
    onChange({ order: next });
  };
  return { search, setSearch, order: orderOf(order ?? stored), setOrder };
}

function Directory({ search, order }: { search: string; order: DirectoryOrder }) {
  const { data, error, isPending, refetch } = useProjects();
  if (isPending) return <Waiting />;
  if (!data) {
    return <Failure title="The projects could not be read" error={error} onRetry={() => void refetch()} />;
  }
  if (data.length === 0) return <FirstProject />;
  const found = findProjects(data, search, order);
  if (found.length === 0) {
    return (
      <Notice title={`No project is called or tagged “${search.trim()}”`} role="status">
        <p>Each word is looked for anywhere in the name, and in the tags of the jobs.</p>
      </Notice>
    );
  }
  return <ProjectList projects={found} />;
}

function Waiting() {
  return (
    <div role="status" aria-label="Reading the projects">
      {[0, 1, 2].map((row) => (
        <Skeleton key={row} height={58} mb={2} radius="sm" />
      ))}
    </div>
  );
}

function countOf(projects: Project[], found: number): string {
  const running = projects.reduce((sum, { by_status: { running } }) => sum + running, 0);
  const words = projects.length === 1 ? '1 project' : `${formatCount(projects.length)} projects`;
  if (found < projects.length) return `${formatCount(found)} of ${words}`;
  return running > 0 ? `${words}, ${formatCount(running)} running` : words;
}
