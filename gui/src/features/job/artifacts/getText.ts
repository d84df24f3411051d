import { queryOptions } from '@tanstack/react-query';

import { paths } from '@/config/paths';
import { get } from '@/lib/request';
import type { Artifact } from '@/types/api';

/** Bytes of a file that are shown; the download has all. */
const SHOWN = 4_000_000;

export interface FileText {
  text: string;
  /** Whether there is more than is shown. */
  isCut: boolean;
}

/** The text of an artifact, or the beginning of a long one. */
export function textQuery(jobId: string, { path, size, sha256 }: Artifact) {
  return queryOptions({
    queryKey: ['artifacts', jobId, path, sha256],
    queryFn: async ({ signal }): Promise<FileText> => {
      const isCut = (size ?? 0) > SHOWN;
      const headers = isCut ? { Range: `bytes=0-${SHOWN - 1}` } : {};
      const response = await get(paths.artifact(jobId, path), signal, headers);
      const text = await response.text();
      return { text: isCut ? text.slice(0, text.lastIndexOf('\n') + 1 || undefined) : text, isCut };
    },
    staleTime: sha256 === null ? 0 : Infinity,
    gcTime: 30_000,
  });
}
