/** Every address of the server. All are of the origin that served the page. */

const part = encodeURIComponent;

/** What every row of a table shows; asked for by name only where more is asked for. */
const ROW = 'status,user,creation_time,start_time,completed_time,duration,params,metrics,tags';

export const paths = {
  projects: '/api/v3/projects',
  events: '/api/v3/events',
  queue: '/api/v3/queue',
  queuePage: (limit: number) => `/api/v3/queue?limit=${limit}`,
  queuePlace: (jobId: string) => `/api/v3/queue/${part(jobId)}`,
  running: '/api/v3/running',
  nodes: '/api/v3/nodes',
  schedules: '/scheduled_jobs',
  schedule: (id: string) => `/scheduled_jobs/${part(id)}`,
  why: (jobId: string) => `/api/v3/jobs/${part(jobId)}/why`,
  stop: (jobId: string) => `/api/v3/jobs/${part(jobId)}/stop`,
  projectJobs: (project: string, limit: number, before?: string, fields: readonly string[] = []) =>
    `/api/v3/projects/${part(project)}/jobs?${[
      `limit=${limit}`,
      before && `before=${part(before)}`,
      fields.length > 0 && `fields=${part([ROW, ...fields].join())}`,
    ]
      .filter(Boolean)
      .join('&')}`,
  job: (jobId: string) => `/api/v3/jobs/${part(jobId)}`,
  series: (jobId: string, name: string, width: number) =>
    `/api/v3/jobs/${part(jobId)}/series/${part(name)}?width=${width}`,
  log: (jobId: string) => `/api/v3/jobs/${part(jobId)}/log`,
  logFrom: (jobId: string, offset: number) => `/api/v3/jobs/${part(jobId)}/log?offset=${offset}&follow=1`,
  artifact: (jobId: string, path: string) => `/archive/${part(jobId)}/${path.split('/').map(part).join('/')}`,
};
