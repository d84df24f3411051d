import { queryOptions, useQuery, type QueryClient } from '@tanstack/react-query';

import { paths } from '@/config/paths';
import { getJson } from '@/lib/request';
import type { JobSummary } from '@/types/api';

/** The newest jobs, read first, and again whenever something happens. */
const HEAD = 200;
/** The others are read in pages of this size. */
const PAGE = 2500;
/** Milliseconds for which older jobs that have all ended are not read again. */
const REST_IS_GOOD = 60_000;

/** The jobs of a project, newest first. */
export interface ProjectJobs {
  jobs: JobSummary[];
  /** Whether all of them are here; older ones arrive page by page. */
  isComplete: boolean;
  /** When the older ones were read, in milliseconds since the epoch. */
  restReadAt: number;
}

/** Return the key of one project's jobs, or of those of all projects. */
export function jobsKey(project?: string): readonly string[] {
  return project === undefined ? ['project_jobs'] : ['project_jobs', project];
}

/** What else is read of each job: statistics of metrics, as the server names them. */
export type Fields = readonly string[];

export function jobsQuery(project: string, fields: Fields = []) {
  const queryKey = [...jobsKey(project), ...fields];
  return queryOptions({
    queryKey,
    queryFn: ({ client, signal }) => {
      const known = client.getQueryData<ProjectJobs>(queryKey);
      const tell = (part: ProjectJobs): void => void client.setQueryData(queryKey, part);
      return readJobs(new Pages(project, fields, signal), known, tell);
    },
    // Ten thousand jobs compared with ten thousand others, value by value, is slower than drawing the rows in sight.
    structuralSharing: false,
  });
}

/** All jobs of a project with the last value of each metric; the newest are there first. */
export function useJobs(project: string, fields: Fields) {
  return useQuery(jobsQuery(project, fields));
}

/** Let the older jobs be read again: one of them has gone. */
export function forgetRest(client: QueryClient): void {
  client.setQueriesData<ProjectJobs>(
    { queryKey: jobsKey() },
    (known) => known && { ...known, restReadAt: 0 },
  );
}

class Pages {
  private readonly project: string;
  private readonly fields: Fields;
  private readonly signal: AbortSignal;

  constructor(project: string, fields: Fields, signal: AbortSignal) {
    this.project = project;
    this.fields = fields;
    this.signal = signal;
  }

  async read(limit: number, before?: JobSummary): Promise<JobSummary[]> {
    const path = paths.projectJobs(this.project, limit, before?.job_id, this.fields);
    return (await getJson<{ jobs: JobSummary[] }>(path, this.signal)).jobs;
  }
}

async function readJobs(
  pages: Pages,
  known: ProjectJobs | undefined,
  tell: (part: ProjectJobs) => void,
): Promise<ProjectJobs> {
  const jobs = await pages.read(HEAD);
  const rest = restOf(known, jobs);
  if (known && rest) return { ...known, jobs: [...jobs, ...rest] };
  let last = jobs.length === HEAD ? jobs.at(-1) : undefined;
  while (last) {
    if (!known) tell({ jobs: [...jobs], isComplete: false, restReadAt: 0 });
    const page = await pages.read(PAGE, last);
    jobs.push(...page);
    last = page.length === PAGE ? page.at(-1) : undefined;
  }
  return { jobs, isComplete: true, restReadAt: Date.now() };
}

/** Return the known jobs that are older than those of `head`, or undefined when they must be read again. */
function restOf(known: ProjectJobs | undefined, head: JobSummary[]): JobSummary[] | undefined {
  if (!known?.isComplete || Date.now() - known.restReadAt > REST_IS_GOOD) return undefined;
  const oldest = known.jobs.findIndex(({ job_id }) => job_id === head.at(-1)?.job_id);
  if (oldest < 0) return undefined;
  const rest = known.jobs.slice(oldest + 1);
  return rest.every(({ status }) => status === 'completed' || status === 'failed') ? rest : undefined;
}
