import { Skeleton } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';

import { CommentSection } from '@/components/CommentSection';
import { Failure, Notice } from '@/components/Notice';
import { PageHead } from '@/components/PageHead';
import { ToJobs } from '@/components/ToJobs';
import { useJob } from '@/lib/getJob';
import { RequestError } from '@/lib/request';
import type { Job } from '@/types/api';

import { AgainSection } from './AgainSection';
import { ArtifactTab } from './artifacts/ArtifactTab';
import { CodeTab } from './code/CodeTab';
import { EnvironmentTab } from './EnvironmentTab';
import { JobFacts } from './JobFacts';
import { JobHead } from './JobHead';
import classes from './JobPage.module.css';
import { JobTabs } from './JobTabs';
import { LineageSection } from './LineageSection';
import { LogSection } from './LogSection';
import { MetricSection, SystemSection } from './MetricSection';
import { ParameterSection } from './ParameterSection';
import { TagSection } from './TagSection';
import { usePrintKey } from './usePrintKey';

const route = getRouteApi('/projects/$project/jobs/$jobId');

/** One job: how it stands, what it was given, and what it made. */
export function JobPage() {
  const { project, jobId } = route.useParams();
  const { data, error, isPending, refetch, dataUpdatedAt } = useJob(jobId);
  if (data) return <JobDetails key={jobId} job={data} readAt={dataUpdatedAt} />;
  return (
    <>
      <PageHead title={`Job ${jobId.slice(0, 8)}`} />
      {isPending && <Waiting />}
      {error instanceof RequestError && error.isMissing && <NoJob project={project} />}
      {error && !(error instanceof RequestError && error.isMissing) && (
        <Failure title="The job could not be read" error={error} onRetry={() => void refetch()} />
      )}
    </>
  );
}

function JobDetails({ job, readAt }: { job: Job; readAt: number }) {
  const { tab, file, line } = route.useSearch();
  const navigate = route.useNavigate();
  usePrintKey(job);
  const open = (opened: string): void => {
    void navigate({ replace: true, search: { ...(tab && { tab }), file: opened } });
  };
  return (
    <>
      <JobHead job={job} readAt={readAt} />
      <JobTabs job={job} />
      {tab === undefined && <Overview job={job} readAt={readAt} />}
      {tab === 'artifacts' && (
        <ArtifactTab jobId={job.job_id} artifacts={job.artifacts} opened={file} onOpen={open} />
      )}
      {tab === 'code' && <CodeTab job={job} opened={file} line={line} onOpen={open} />}
      {tab === 'environment' && <EnvironmentTab job={job} />}
    </>
  );
}

function Overview({ job, readAt }: { job: Job; readAt: number }) {
  return (
    <div className={classes.columns}>
      <div className={classes.facts}>
        <JobFacts job={job} readAt={readAt} />
      </div>
      <aside className={classes.given} aria-label="Parameters and tags">
        <ParameterSection job={job} />
        <TagSection job={job} />
        <LineageSection job={job} />
      </aside>
      <div className={classes.main}>
        <MetricSection job={job} />
        <LogSection job={job} />
        <SystemSection job={job} />
        <AgainSection job={job} />
        <CommentSection project={job.project} jobId={job.job_id} />
      </div>
    </div>
  );
}

function Waiting() {
  return (
    <div role="status" aria-label="Reading the job" className={classes.columns}>
      <Skeleton height={300} radius="md" />
      <Skeleton height={420} radius="md" />
    </div>
  );
}

function NoJob({ project }: { project: string }) {
  return (
    <Notice title="There is no such job">
      <p>It may have been deleted, or its id was cut short on the way here.</p>
      <ToJobs project={project} />
    </Notice>
  );
}
