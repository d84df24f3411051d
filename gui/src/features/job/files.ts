/** What can be done with an artifact's file. */

import type { Artifact } from '@/types/api';

const IMAGES = new Set(['png', 'jpg', 'jpeg', 'gif', 'svg', 'webp', 'avif', 'bmp']);

/** Whether a browser can show the file as a picture. */
export function isImage({ filename }: Pick<Artifact, 'filename'>): boolean {
  return IMAGES.has(filename.split('.').at(-1)?.toLowerCase() ?? '');
}

/** Return the artifacts by name, pictures apart from other files. */
export function sortArtifacts(artifacts: Artifact[]): { images: Artifact[]; others: Artifact[] } {
  const byName = [...artifacts].sort((left, right) => left.filename.localeCompare(right.filename));
  return { images: byName.filter(isImage), others: byName.filter((artifact) => !isImage(artifact)) };
}
