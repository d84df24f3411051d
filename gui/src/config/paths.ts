/** Every address of the server. All are of the origin that served the page. */

import type { SeriesPart } from '@/types/api';

const part = encodeURIComponent;

/** What every row of a table shows; asked for by name only where more is asked for. */
const ROW = 'status,user,creation_time,start_time,completed_time,duration,params,metrics,tags';

export const paths = {
  projects: '/api/v3/projects',
  events: '/api/v3/events',
  session: '/api/v3/auth/session',
  logout: '/api/v3/auth/logout',
  health: '/api/v3/health',
  queue: '/api/v3/queue',
  queuePage: (limit: number) => `/api/v3/queue?limit=${limit}`,
  queuePlace: (jobId: string) => `/api/v3/queue/${part(jobId)}`,
  running: '/api/v3/running',
  nodes: '/api/v3/nodes',
  schedules: '/scheduled_jobs',
  schedule: (id: string) => `/scheduled_jobs/${part(id)}`,
  why: (jobId: string) => `/api/v3/jobs/${part(jobId)}/why`,
  stop: (jobId: string) => `/api/v3/jobs/${part(jobId)}/stop`,
  filteredJobs: (project: string, filter: string, limit: number, fields: readonly string[] = []) =>
    `/api/v3/projects/${part(project)}/jobs?limit=${limit}&filter=${part(filter)}&fields=${part([ROW, ...fields].join())}`,
  /** A page of a table: `fields` are those of its rows, all when there are none. */
  jobPage: (
    project: string,
    query: { filter: string; sort: string; fields: string },
    offset: number,
    limit: number,
  ) =>
    `/api/v3/projects/${part(project)}/jobs?${[
      `limit=${limit}`,
      offset > 0 && `offset=${offset}`,
      query.filter && `filter=${part(query.filter)}`,
      query.sort && `sort=${part(query.sort)}`,
      query.fields && `fields=${part(query.fields)}`,
    ]
      .filter(Boolean)
      .join('&')}`,
  /** The job of a project that was created before another. */
  jobBefore: (project: string, jobId: string) =>
    `/api/v3/projects/${part(project)}/jobs?limit=1&before=${part(jobId)}&sort=-creation_time&fields=params`,
  facets: (project: string) => `/api/v3/projects/${part(project)}/facets`,
  description: (project: string) => `/api/v3/projects/${part(project)}/description`,
  job: (jobId: string) => `/api/v3/jobs/${part(jobId)}`,
  lineage: (jobId: string) => `/api/v3/jobs/${part(jobId)}/lineage`,
  series: (jobId: string, name: string, width: number, range?: SeriesPart) =>
    `/api/v3/jobs/${part(jobId)}/series/${part(name)}?width=${width}${
      range ? `&x=${range.axis}&from=${range.from}&to=${range.to}` : ''
    }`,
  allSeries: '/api/v3/series',
  manySeries: (
    jobIds: readonly string[],
    metrics: readonly string[],
    axis: SeriesPart['axis'],
    width: number,
    range?: Omit<SeriesPart, 'axis'>,
  ) =>
    `/api/v3/series?jobs=${jobIds.map(part).join()}${metrics
      .map((metric) => `&metric=${part(metric)}`)
      .join('')}&x=${axis}&width=${width}${range ? `&from=${range.from}&to=${range.to}` : ''}`,
  views: (project: string) => `/api/v3/projects/${part(project)}/views`,
  view: (project: string, name: string) => `/api/v3/projects/${part(project)}/views/${part(name)}`,
  log: (jobId: string) => `/api/v3/jobs/${part(jobId)}/log`,
  logFrom: (jobId: string, offset: number, follows: boolean) =>
    `/api/v3/jobs/${part(jobId)}/log?offset=${offset}${follows ? '&follow=1' : ''}`,
  bundle: (bundleId: string) => `/api/v3/bundles/${part(bundleId)}`,
  jobsByPrefix: (prefix: string, limit: number) => `/api/v3/jobs?prefix=${part(prefix)}&limit=${limit}`,
  readJobs: '/api/v3/jobs/read',
  tagJobs: '/api/v3/jobs/tags',
  deleteJobs: '/api/v3/jobs/delete',
  tensorboard: '/api/v3/tensorboard',
  comments: (project: string) => `/api/v3/projects/${part(project)}/notes`,
  artifact: (jobId: string, path: string) => `/archive/${part(jobId)}/${path.split('/').map(part).join('/')}`,
};
