import { Button } from '@mantine/core';
import { useMemo, useState } from 'react';

import { CopyButton } from '@/components/CopyButton';
import { Hint } from '@/components/Hint';
import { Icon } from '@/components/Icon';
import { SearchField } from '@/components/SearchField';
import { Section } from '@/components/Section';
import { StepSlider } from '@/components/StepSlider';
import panes from '@/components/TwoPanes.module.css';
import { paths } from '@/config/paths';
import { foundGroups, groupArtifacts, type ArtifactGroup } from '@/lib/artifactGroups';
import { formatBytes } from '@/lib/values';
import type { Artifact } from '@/types/api';

import { ArtifactList } from './ArtifactList';
import classes from './ArtifactTab.module.css';
import { FileViewer } from './FileViewer';

/** So many entries, and they can be searched. */
const MANY = 8;

interface ArtifactTabProps {
  jobId: string;
  artifacts: Artifact[];
  /** The id of the entry that is shown; without one, the first. */
  opened: string | undefined;
  onOpen: (id: string) => void;
}

/** The files that the job saved: each is looked at beside the list, and can be downloaded. */
export function ArtifactTab({ jobId, artifacts, opened, onOpen }: ArtifactTabProps) {
  const [words, setWords] = useState('');
  const groups = useMemo(() => groupArtifacts(artifacts), [artifacts]);
  const found = foundGroups(groups, words);
  const shown = groups.find(({ id }) => id === opened) ?? found[0];
  return (
    <Section
      title="Artifacts"
      count={artifacts.length}
      controls={groups.length > MANY && <SearchField label="Find a file" value={words} onChange={setWords} />}
    >
      {groups.length === 0 ? (
        <Hint>
          No files were saved. <code>foundations.save_artifact(&quot;model.pkl&quot;)</code> keeps one here.
        </Hint>
      ) : (
        <div className={panes.columns}>
          <ArtifactList jobId={jobId} groups={found} shown={shown} onOpen={onOpen} />
          {shown && <Shown key={shown.id} jobId={jobId} group={shown} />}
        </div>
      )}
    </Section>
  );
}

function Shown({ jobId, group }: { jobId: string; group: ArtifactGroup }) {
  const [place, setPlace] = useState(group.members.length - 1);
  const artifact = group.members[Math.min(place, group.members.length - 1)] ?? group.members[0];
  return (
    <section className={panes.shown} aria-label={`Shown: ${group.title}`}>
      <header className={classes.head}>
        <h3 className={classes.title}>{group.title}</h3>
        <span className={classes.facts}>
          {artifact.key !== group.title && <span title="The key that it was saved by">{artifact.key}</span>}
          {group.filename !== undefined && <span title="The file’s name">{group.filename}</span>}
          {artifact.size !== null && <span>{formatBytes(artifact.size)}</span>}
        </span>
        <CopyButton text={artifact.uri} label="Copy the address" />
        <Button
          component="a"
          href={paths.artifact(jobId, artifact.path)}
          download={artifact.filename}
          size="compact-sm"
          variant="default"
          aria-label={`Download ${artifact.filename}`}
          leftSection={<Icon name="down" size={13} />}
        >
          Download
        </Button>
      </header>
      {group.members.length > 1 && (
        <StepSlider steps={group.members.map(({ step }) => step ?? 0)} place={place} onPlace={setPlace} />
      )}
      <FileViewer jobId={jobId} artifact={artifact} look={group.look} />
    </section>
  );
}
