import { Skeleton } from '@mantine/core';
import { useState } from 'react';

import { Failure, Notice } from '@/components/Notice';
import { PageHead } from '@/components/PageHead';
import { SearchField } from '@/components/SearchField';

import { useProjects } from './api/getProjects';
import { findProjects } from './directory';
import { FirstProject } from './FirstProject';
import { ProjectList } from './ProjectList';

/** Every project of this server. */
export function ProjectsPage() {
  const [search, setSearch] = useState('');
  const { data } = useProjects();
  return (
    <>
      <PageHead title="Projects" facts={data && data.length > 0 ? countOf(data.length) : undefined}>
        {data && data.length > 0 && (
          <SearchField label="Find a project" value={search} onChange={setSearch} />
        )}
      </PageHead>
      <Directory search={search} />
    </>
  );
}

function Directory({ search }: { search: string }) {
  const { data, error, isPending, refetch } = useProjects();
  if (isPending) return <Waiting />;
  if (!data) {
    return <Failure title="The projects could not be read" error={error} onRetry={() => void refetch()} />;
  }
  if (data.length === 0) return <FirstProject />;
  const found = findProjects(data, search);
  if (found.length === 0) {
    return (
      <Notice title={`No project is called “${search.trim()}”`} role="status">
        <p>Each word is looked for anywhere in the name.</p>
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

function countOf(projects: number): string {
  return projects === 1 ? '1 project' : `${projects} projects`;
}
