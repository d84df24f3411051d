import type { SourceFile } from '@/lib/getSource';
import type { Job, Value } from '@/types/api';

/** Return the path of the file that the job was started with, or else of one that is worth reading first. */
export function mainFile(job: Job, files: SourceFile[]): string | undefined {
  const paths = files.map(({ path }) => path);
  const words = [...wordsOf(job.spec['command']), ...wordsOf(job.facts['argv'])];
  const started = words.map((word) => word.replace(/^\.\//, ''));
  return (
    paths.find((path) => started.includes(path)) ??
    paths.find((path) => started.some((word) => word.endsWith(`/${path}`))) ??
    paths.find((path) => path.endsWith('.py')) ??
    paths[0]
  );
}

function wordsOf(value: Value | undefined): string[] {
  return Array.isArray(value) ? value.filter((word) => typeof word === 'string') : [];
}
