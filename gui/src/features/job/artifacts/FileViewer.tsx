import { Button, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Suspense, useMemo } from 'react';

import { LazyCodeView } from '@/components/code/lazyCode';
import { Hint } from '@/components/Hint';
import { paths } from '@/config/paths';
import type { Look } from '@/lib/artifactGroups';
import { parseExact } from '@/lib/exactJson';
import type { Artifact, Value } from '@/types/api';

import classes from './ArtifactTab.module.css';
import { textQuery } from './getText';
import { HtmlViewer } from './viewers/HtmlViewer';
import { JsonViewer, MarkdownViewer, PlotlyViewer, TableViewer, VegaViewer } from './viewers/lazyViewers';
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
    const src = paths.artifact(jobId, artifact.path);
    return <Viewer key={src} src={src} name={artifact.filename} />;
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
  if (look === 'text' && /\.(?:md|markdown)$/i.test(name)) return <MarkdownViewer text={text} name={name} />;
  if (look === 'text') return <LazyCodeView path={name} text={text} />;
  return <JsonFile text={text} name={name} look={look} />;
}

/** A figure where the file says that it is one; Python writes NaN and infinity, which JSON does not know, as text. */
function JsonFile({ text, name, look }: { text: string; name: string; look: TextLook }) {
  const value = useMemo(() => parseExact(text), [text]);
  const kind = value !== undefined && isObject(value) ? figureOf(value, look) : undefined;
  const figure = useMemo(() => (kind ? (JSON.parse(text) as Record<string, Value>) : {}), [kind, text]);
  if (value === undefined) return <LazyCodeView path={name} text={text} />;
  if (kind === 'vega') return <VegaViewer spec={figure} name={name} />;
  if (kind === 'plotly') return <PlotlyViewer figure={figure} name={name} />;
  return <JsonViewer value={value} />;
}

function figureOf(value: Record<string, Value>, look: TextLook): 'vega' | 'plotly' | undefined {
  const schema = value['$schema'];
  if (typeof schema === 'string' && /\/schema\/vega/.test(schema)) return 'vega';
  return look === 'vega' || look === 'plotly' ? look : undefined;
}

function isObject(value: Value): value is Record<string, Value> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function NotShown() {
  return (
    <Hint>
      A file of this kind cannot be shown here. Download it to look at it with a program that knows it.
    </Hint>
  );
}
