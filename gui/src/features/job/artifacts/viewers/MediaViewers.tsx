import { useState } from 'react';

import classes from './viewers.module.css';

interface MediaProps {
  src: string;
  name: string;
}

/** Pixels below which a picture is enlarged. */
const TINY = 128;

/** A picture, moving or not. */
export function ImageViewer({ src, name }: MediaProps) {
  const [isTiny, setIsTiny] = useState(false);
  return (
    <img
      className={classes.picture}
      src={src}
      alt={name}
      data-tiny={isTiny || undefined}
      onLoad={({ currentTarget: { naturalWidth } }) => {
        setIsTiny(naturalWidth > 0 && naturalWidth < TINY);
      }}
    />
  );
}

/** A sound, with the browser's own controls. */
export function AudioViewer({ src, name }: MediaProps) {
  return <audio className={classes.media} src={src} controls aria-label={name} preload="metadata" />;
}

/** A film, with the browser's own controls. */
export function VideoViewer({ src, name }: MediaProps) {
  return (
    <video
      className={classes.media}
      src={src}
      controls
      loop
      playsInline
      aria-label={name}
      preload="metadata"
    />
  );
}
