/** What can be done with an artifact's file. */

import type { Artifact } from '@/types/api';

/** How a file is shown; `binary` is only downloaded. */
export type Look =
  'image' | 'audio' | 'video' | 'plotly' | 'vega' | 'json' | 'table' | 'html' | 'text' | 'binary';

const LOOKS: [Look, string][] = [
  ['image', 'png jpg jpeg gif svg webp avif bmp'],
  ['audio', 'wav mp3 ogg oga flac m4a'],
  ['video', 'mp4 webm ogv mov m4v'],
  ['json', 'json geojson'],
  ['table', 'csv tsv'],
  ['html', 'html htm'],
  ['text', 'txt log md py pyi yaml yml toml ini cfg conf sh xml rst tex sql r jl js ts css jsonl diff patch'],
];
const BY_ENDING = new Map(
  LOOKS.flatMap(([look, endings]) => endings.split(' ').map((ending) => [ending, look])),
);

/** Endings of more than one part, which say more than the last one. */
const FIGURES: [RegExp, Look][] = [
  [/\.plotly\.json$/i, 'plotly'],
  [/\.(?:vl|vg|vega|vega-?lite)\.json$/i, 'vega'],
];

/** Return how the file is shown. */
export function lookOfFile({ filename }: Pick<Artifact, 'filename'>): Look {
  const figure = FIGURES.find(([ending]) => ending.test(filename));
  return figure?.[1] ?? BY_ENDING.get(filename.split('.').at(-1)?.toLowerCase() ?? '') ?? 'binary';
}

/** An artifact, or the artifacts of a series in the order of their steps. */
export interface ArtifactGroup {
  /** What a link calls it. */
  id: string;
  /** The key that it was saved by; of a series, what its keys begin with. */
  title: string;
  /** The file's name, where the title does not say it. */
  filename: string | undefined;
  look: Look;
  /** At least one. */
  members: [Artifact, ...Artifact[]];
}

/** Return the artifacts by key, those of a series together. */
export function groupArtifacts(artifacts: Artifact[]): ArtifactGroup[] {
  const groups = new Map<string, ArtifactGroup>();
  for (const artifact of artifacts) {
    const isOfSeries = artifact.name !== undefined && artifact.step !== undefined;
    const id = isOfSeries ? `${artifact.name ?? ''}/*` : artifact.key;
    const group = groups.get(id);
    if (group) group.members.push(artifact);
    else {
      const title = isOfSeries ? (artifact.name ?? '') : artifact.key;
      const filename = isOfSeries ? undefined : otherName(artifact);
      groups.set(id, { id, title, filename, look: lookOfFile(artifact), members: [artifact] });
    }
  }
  for (const { members } of groups.values())
    members.sort((left, right) => (left.step ?? 0) - (right.step ?? 0));
  return [...groups.values()].sort((left, right) =>
    left.title.localeCompare(right.title, undefined, { numeric: true }),
  );
}

/** Return the file's name, unless the key is or ends with it. */
function otherName({ key, filename }: Artifact): string | undefined {
  return `/${key}`.endsWith(`/${filename}`) ? undefined : filename;
}

/** Return the groups whose key or file's name has the words, in any capitals. */
export function foundGroups(groups: ArtifactGroup[], words: string): ArtifactGroup[] {
  const wanted = words.trim().toLowerCase();
  return groups.filter(({ title, filename = '' }) =>
    [title, filename].some((name) => name.toLowerCase().includes(wanted)),
  );
}
