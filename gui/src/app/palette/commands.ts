/** What the command palette offers. */

import type { useNavigate } from '@tanstack/react-router';

import { formatCount } from '@/lib/values';
import type { Project } from '@/types/api';
import type { JobMatch } from '@/types/people';

export interface Command {
  id: string;
  /** What kind of thing it is, as in "Page". */
  kind: string;
  title: string;
  /** Said beside the title. */
  note?: string;
  run: () => void;
}

type Navigate = ReturnType<typeof useNavigate>;

/** Return the commands that lead to pages, to projects and to jobs. */
export function placesOf(navigate: Navigate, projects: Project[], jobs: JobMatch[]): Command[] {
  return [
    { id: 'projects', kind: 'Page', title: 'Projects', run: () => void navigate({ to: '/projects' }) },
    { id: 'queue', kind: 'Page', title: 'Queue', run: () => void navigate({ to: '/queue' }) },
    ...projects.map(({ name, jobs: count }): Command => ({
      id: `project ${name}`,
      kind: 'Project',
      title: name,
      note: count === 1 ? '1 job' : `${formatCount(count)} jobs`,
      run: () => void navigate({ to: '/projects/$project/job_listing', params: { project: name } }),
    })),
    ...jobs.map(({ job_id: jobId, project, status }): Command => ({
      id: `job ${jobId}`,
      kind: 'Job',
      title: jobId,
      note: `${project}, ${status}`,
      run: () => void navigate({ to: '/projects/$project/jobs/$jobId', params: { project, jobId } }),
    })),
    {
      id: 'documentation',
      kind: 'Page',
      title: 'Documentation',
      run: () => void navigate({ to: '/documentation/$', params: { _splat: 'index' } }),
    },
    { id: 'support', kind: 'Page', title: 'Support', run: () => void navigate({ to: '/support' }) },
    { id: 'components', kind: 'Page', title: 'Components', run: () => void navigate({ to: '/components' }) },
  ];
}

/** Commands that are offered at most. */
const SHOWN = 30;

/** Return the commands whose words begin with, or else hold, all words that were typed; the closest come first. */
export function matching(commands: Command[], typed: string): Command[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const ranked = commands.flatMap((command) => {
    const text = `${command.title} ${command.kind}`.toLowerCase();
    if (!words.every((word) => text.includes(word))) return [];
    const rank = words.filter((word) => command.title.toLowerCase().startsWith(word)).length;
    return [{ command, rank }];
  });
  return ranked
    .sort((left, right) => right.rank - left.rank)
    .map(({ command }) => command)
    .slice(0, SHOWN);
}
