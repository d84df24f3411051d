import { Button, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Suspense } from 'react';

import { LazyCodeView } from '@/components/code/lazyCode';
import { paths } from '@/config/paths';
import type { Look } from '@/lib/artifactGroups';
import type { Artifact, Value } from '@/types/api';

import classes from './ArtifactTab.module.css';
import { textQuery } from './getText';
import { HtmlViewer } from './viewers/HtmlViewer';
import { JsonViewer, PlotlyViewer, TableViewer, VegaViewer } from './viewers/lazyViewers';
import { AudioViewer, ImageViewer, VideoViewer } from './viewers/MediaViewers';

interface FileViewerProps {
  jobId: string;
  artifact: Artifact;
  look: Look;
}

const MEDIA = { image: ImageViewer, audio: AudioViewer, video: VideoViewer } as const;

/** One file, shown in the way that suits it. */
export function FileViewer({ jobId, artifact, look }: FileViewerProps) {
  if (look === 'binary') return <NotShown />;
  if (look === 'image' || look === 'audio' || look === 'video') {
    const Viewer = MEDIA[look];
    return <Viewer src={paths.artifact(jobId, artifact.path)} name={artifact.filename} />;
  }
  if (look === 'html') {
    return <HtmlViewer src={paths.artifact(jobId, artifact.path)} name={artifact.filename} />;
  }
  return <TextFile jobId={jobId} artifact={artifact} look={look} />;
}

type TextLook = Exclude<Look, 'binary' | 'html' | keyof typeof MEDIA>;

function TextFile({ jobId, artifact, look }: { jobId: string; artifact: Artifact; look: TextLook }) {
  const { data, error, refetch } = useQuery(textQuery(jobId, artifact));
  if (data) {
    return (
      <Suspense fallback={<Skeleton height={300} radius="md" />}>
        {data.isCut && (
          <p className={classes.note}>This is the beginning of a long file; the download has all of it.</p>
        )}
        <Content text={data.text} name={artifact.filename} look={data.isCut ? cutLook(look) : look} />
      </Suspense>
    );
  }
  if (!error) return <Skeleton height={300} radius="md" role="status" aria-label="Reading the file" />;
  return (
    <div role="alert" className={classes.hint}>
      <p>The file could not be read. {error.message}</p>
      <Button size="compact-xs" variant="default" onClick={() => void refetch()}>
        Try again
      </Button>
    </div>
  );
}

/** What is cut off is no figure and no JSON any more, but may still be read. */
function cutLook(look: TextLook): TextLook {
  return look === 'table' || look === 'text' ? look : 'text';
}

function Content({ text, name, look }: { text: string; name: string; look: TextLook }) {
  if (look === 'table') return <TableViewer text={text} separator={/\.tsv$/i.test(name) ? '\t' : ','} />;
  if (look === 'text') return <LazyCodeView path={name} text={text} />;
  const value = parsed(text);
  if (value === undefined) return <LazyCodeView path={name} text={text} />;
  if (!isObject(value)) return <JsonViewer value={value} />;
  const schema = value['$schema'];
  if (typeof schema === 'string' && /\/schema\/vega/.test(schema))
    return <VegaViewer spec={value} name={name} />;
  if (look === 'vega') return <VegaViewer spec={value} name={name} />;
  if (look === 'plotly') return <PlotlyViewer figure={value} name={name} />;
  return <JsonViewer value={value} />;
}

/** Return the JSON in `text`; undefined when it is none. Python writes NaN and infinity, which JSON does not know. */
function parsed(text: string): Value | undefined {
  try {
    return JSON.parse(text) as Value;
  } catch {
    return undefined;
  }
}

function isObject(value: Value): value is Record<string, Value> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function NotShown() {
  return (
    <p className={classes.hint}>
      A file of this kind cannot be shown here. Download it to look at it with a program that knows it.
    </p>
  );
}
