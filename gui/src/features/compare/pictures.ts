/** The pictures of several jobs, those of one name together. */

import { groupArtifacts } from '@/lib/artifactGroups';
import type { Artifact, Job } from '@/types/api';

export interface PictureSet {
  title: string;
  /** All steps of any of the jobs, in order; empty for pictures without steps. */
  steps: number[];
  /** The pictures of each job, in the order of their steps. */
  byJob: Map<string, Artifact[]>;
}

/** Return the sets of pictures; those that most jobs have come first, then those with most steps. */
export function picturesOf(jobs: Job[]): PictureSet[] {
  const sets = new Map<string, PictureSet>();
  for (const { job_id: id, artifacts } of jobs) {
    for (const { title, look, members } of groupArtifacts(artifacts)) {
      if (look !== 'image') continue;
      const set = sets.get(title) ?? { title, steps: [], byJob: new Map<string, Artifact[]>() };
      set.byJob.set(id, members);
      sets.set(title, set);
    }
  }
  for (const set of sets.values()) {
    const steps = [...set.byJob.values()].flat().flatMap(({ step }) => (step === undefined ? [] : [step]));
    set.steps = [...new Set(steps)].sort((left, right) => left - right);
  }
  return [...sets.values()].sort(
    (left, right) => right.byJob.size - left.byJob.size || right.steps.length - left.steps.length,
  );
}

/** Return the picture at `step`, or else the last one before it; the first where there is none. */
export function pictureAt(members: Artifact[], step: number | undefined): Artifact | undefined {
  if (step === undefined) return members.at(-1);
  return members.findLast((member) => (member.step ?? 0) <= step) ?? members[0];
}
