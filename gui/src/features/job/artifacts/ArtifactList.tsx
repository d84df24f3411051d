import { useState } from 'react';

import { Icon, type IconName } from '@/components/Icon';
import { paths } from '@/config/paths';
import type { ArtifactGroup, Look } from '@/lib/artifactGroups';
import { formatBytes, formatCount } from '@/lib/values';

import classes from './ArtifactList.module.css';

const WORDS: Record<Look, string> = {
  image: 'picture',
  audio: 'sound',
  video: 'film',
  plotly: 'figure',
  vega: 'figure',
  json: 'JSON',
  table: 'table',
  html: 'page',
  text: 'text',
  binary: 'file',
};

const ICONS: Partial<Record<Look, IconName>> = {
  plotly: 'chart',
  vega: 'chart',
  table: 'table',
  audio: 'sound',
  video: 'play',
};

interface ArtifactListProps {
  jobId: string;
  groups: ArtifactGroup[];
  shown: ArtifactGroup | undefined;
  onOpen: (id: string) => void;
}

/** What can be looked at. */
export function ArtifactList({ jobId, groups, shown, onOpen }: ArtifactListProps) {
  if (groups.length === 0) return <p className={classes.none}>No file is called so.</p>;
  return (
    <ul className={classes.list} aria-label="Files">
      {groups.map((group) => (
        <li key={group.id} data-class="artifacts-table-row">
          <button
            type="button"
            className={classes.entry}
            aria-current={group === shown || undefined}
            onClick={() => {
              onOpen(group.id);
            }}
          >
            <Picture jobId={jobId} group={group} />
            <span className={classes.words}>
              <span className={classes.name} title={group.title}>
                {group.title}
              </span>
              <span className={classes.facts}>
                {group.filename !== undefined && <span>{group.filename}</span>}
                <span>{factsOf(group)}</span>
              </span>
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function Picture({ jobId, group: { look, members } }: { jobId: string; group: ArtifactGroup }) {
  const last = members.at(-1) ?? members[0];
  const src = paths.artifact(jobId, last.path);
  const [broken, setBroken] = useState<string>();
  return (
    <span className={classes.picture}>
      {look === 'image' && broken !== src ? (
        <img
          src={src}
          alt=""
          loading="lazy"
          onError={() => {
            setBroken(src);
          }}
        />
      ) : (
        <Icon name={ICONS[look] ?? 'file'} size={16} />
      )}
    </span>
  );
}

function factsOf({ look, members }: ArtifactGroup): string {
  if (members.length > 1) return `${formatCount(members.length)} steps`;
  const [{ size }] = members;
  return [WORDS[look], size !== null && formatBytes(size)].filter(Boolean).join(' · ');
}
