import { ActionIcon, Modal } from '@mantine/core';
import { useState } from 'react';

import { Icon } from '@/components/Icon';
import { Section } from '@/components/Section';
import { paths } from '@/config/paths';
import { formatBytes } from '@/lib/values';
import type { Artifact } from '@/types/api';

import classes from './ArtifactSection.module.css';
import { sortArtifacts } from './files';

interface ArtifactSectionProps {
  jobId: string;
  artifacts: Artifact[];
}

/** The files that the job saved: pictures to look at, all of them to download. */
export function ArtifactSection({ jobId, artifacts }: ArtifactSectionProps) {
  const [opened, setOpened] = useState<Artifact>();
  const { images, others } = sortArtifacts(artifacts);
  const close = (): void => {
    setOpened(undefined);
  };
  return (
    <Section title="Artifacts" count={artifacts.length} anchor="artifacts">
      {artifacts.length === 0 && (
        <p className={classes.empty}>
          No files were saved. <code>foundations.save_artifact(&quot;model.pkl&quot;)</code> keeps one here.
        </p>
      )}
      {images.length > 0 && (
        <ul className={classes.pictures}>
          {images.map((artifact) => (
            <li key={artifact.key} className={classes.picture} data-class="artifacts-table-row">
              <button
                type="button"
                className={classes.look}
                aria-label={`Look at ${artifact.filename}`}
                onClick={() => {
                  setOpened(artifact);
                }}
              >
                <img src={paths.artifact(jobId, artifact.path)} alt="" loading="lazy" />
              </button>
              <FileLine jobId={jobId} artifact={artifact} />
            </li>
          ))}
        </ul>
      )}
      {others.length > 0 && (
        <ul className={classes.files}>
          {others.map((artifact) => (
            <li key={artifact.key} data-class="artifacts-table-row">
              <FileLine jobId={jobId} artifact={artifact} />
            </li>
          ))}
        </ul>
      )}
      <Modal opened={opened !== undefined} onClose={close} size="auto" centered title={opened?.filename}>
        {opened && (
          <img className={classes.large} src={paths.artifact(jobId, opened.path)} alt={opened.filename} />
        )}
      </Modal>
    </Section>
  );
}

function FileLine({ jobId, artifact: { filename, key, path, size } }: { jobId: string; artifact: Artifact }) {
  return (
    <div className={classes.file}>
      <Icon name="file" size={14} />
      <span className={classes.name} title={key === filename ? filename : `${filename}, saved as ${key}`}>
        {filename}
      </span>
      <span className={classes.size}>{size === null ? '' : formatBytes(size)}</span>
      <ActionIcon
        component="a"
        href={paths.artifact(jobId, path)}
        download={filename}
        variant="subtle"
        color="gray"
        size="sm"
        aria-label={`Download ${filename}`}
      >
        <Icon name="down" size={14} />
      </ActionIcon>
    </div>
  );
}
