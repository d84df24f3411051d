import { useMemo } from 'react';

import { LineSwatch } from '@/components/curves/LineSwatch';
import { JobLink } from '@/components/JobLink';
import { Section } from '@/components/Section';
import { Select } from '@/components/Select';
import { StepSlider } from '@/components/StepSlider';
import { paths } from '@/config/paths';
import { lookOf } from '@/lib/lineLooks';
import type { Artifact, Job } from '@/types/api';

import { pictureAt, picturesOf } from './pictures';
import classes from './PictureSection.module.css';
import { useCompareSearch } from './useCompareSearch';

/** The same picture of each job in a grid, at one step. Nothing when no job has saved a picture. */
export function PictureSection({ jobs }: { jobs: Job[] }) {
  const [search, change] = useCompareSearch();
  const sets = useMemo(() => picturesOf(jobs), [jobs]);
  const set = sets.find(({ title }) => title === search.picture) ?? sets[0];
  if (!set) return null;
  const step = set.steps.includes(search.step ?? NaN) ? search.step : set.steps.at(-1);
  return (
    <Section
      title="Pictures"
      controls={
        <Select
          label="Shown"
          value={set.title}
          options={sets.map(({ title }) => title)}
          onChange={(picture) => {
            change({ picture, step: undefined });
          }}
        />
      }
    >
      {set.steps.length > 1 && (
        <StepSlider
          steps={set.steps}
          place={set.steps.indexOf(step ?? 0)}
          onPlace={(place) => {
            change({ step: set.steps[place] });
          }}
        />
      )}
      <ul className={classes.grid}>
        {jobs.map((job, index) => (
          <li key={job.job_id}>
            <Picture job={job} index={index} picture={pictureAt(set.byJob.get(job.job_id) ?? [], step)} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Picture({ job, index, picture }: { job: Job; index: number; picture: Artifact | undefined }) {
  return (
    <figure className={classes.picture}>
      {picture ? (
        <img
          src={paths.artifact(job.job_id, picture.path)}
          alt={`${picture.filename} of job ${job.job_id}`}
        />
      ) : (
        <span className={classes.missing}>none</span>
      )}
      <figcaption>
        <LineSwatch look={lookOf(index)} />
        <JobLink project={job.project} jobId={job.job_id} />
        {picture?.step !== undefined && <span className={classes.step}>step {picture.step}</span>}
      </figcaption>
    </figure>
  );
}
