import { queryOptions } from '@tanstack/react-query';

import { paths } from '@/config/paths';
import type { Job } from '@/types/api';

import { get } from './request';
import { readTar } from './tar';

/** Packed bytes of the largest bundle that is opened in the browser; the code of a project is far smaller. */
const LARGEST = 64 * 1024 * 1024;
/** A longer file is no source that people read. */
const LONGEST_TEXT = 1024 * 1024;

/** A file of a job's code. `text` is undefined for what is no text, or too long to be read. */
export interface SourceFile {
  path: string;
  size: number;
  text: string | undefined;
}

/** A bundle is there, but too large to be opened here. */
export class BundleTooLarge extends Error {
  constructor(bytes: number) {
    super(`The bundle has ${Math.round(bytes / 1e6)} MB.`);
    this.name = 'BundleTooLarge';
  }
}

/** Return the id of the bundle that holds a job's code; undefined when none was kept. */
export function bundleOf(job: Job): string | undefined {
  const source = job.facts['source'];
  const told =
    typeof source === 'object' && source !== null && !Array.isArray(source) ? source['bundle_id'] : undefined;
  const id = job.spec['bundle_id'] ?? told ?? (job.mode === 'scheduled' ? job.job_id : undefined);
  return typeof id === 'string' && id !== '' ? id : undefined;
}

/** The code of a job, by the id of its bundle; a bundle never changes. */
export function sourceQuery(bundleId: string) {
  return queryOptions({
    queryKey: ['bundles', bundleId],
    queryFn: ({ signal }) => getSource(bundleId, signal),
    staleTime: Infinity,
    gcTime: 60_000,
    structuralSharing: false,
  });
}

async function getSource(bundleId: string, signal: AbortSignal): Promise<SourceFile[]> {
  const response = await get(paths.bundle(bundleId), signal);
  const bytes = Number(response.headers.get('Content-Length') ?? 0);
  if (bytes > LARGEST) {
    await response.body?.cancel();
    throw new BundleTooLarge(bytes);
  }
  const archive = await unpacked(response);
  return readTar(archive)
    .map(({ path, content }) => ({ path, size: content.length, text: textOf(content) }))
    .sort((left, right) => left.path.localeCompare(right.path));
}

/** Return the body without its gzip packing, if it has one. */
async function unpacked(response: Response): Promise<Uint8Array> {
  const packed = new Uint8Array(await response.arrayBuffer());
  if (packed[0] !== 0x1f || packed[1] !== 0x8b) return packed;
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function textOf(content: Uint8Array): string | undefined {
  if (content.length > LONGEST_TEXT || content.subarray(0, 8000).includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    return undefined;
  }
}
