import { useState } from 'react';

import { Hint } from '@/components/Hint';

import classes from './viewers.module.css';

interface MediaProps {
  src: string;
  name: string;
}

/** Pixels below which a picture is enlarged. */
const TINY = 128;

/** What stands in place of a file that the browser cannot show. */
function Unshown({ what }: { what: string }) {
  return (
    <Hint role="status">
      The browser cannot show this {what}: the file is damaged, or of a kind that it does not know. Download
      it to look at it with another program.
    </Hint>
  );
}

/** A picture, moving or not. */
export function ImageViewer({ src, name }: MediaProps) {
  const [isTiny, setIsTiny] = useState(false);
  const [isBroken, setIsBroken] = useState(false);
  if (isBroken) return <Unshown what="picture" />;
  return (
    <img
      className={classes.picture}
      src={src}
      alt={name}
      data-tiny={isTiny || undefined}
      onError={() => {
        setIsBroken(true);
      }}
      onLoad={({ currentTarget: { naturalWidth } }) => {
        setIsTiny(naturalWidth > 0 && naturalWidth < TINY);
      }}
    />
  );
}

/** A sound, with the browser's own controls. */
export function AudioViewer({ src, name }: MediaProps) {
  const [isBroken, setIsBroken] = useState(false);
  if (isBroken) return <Unshown what="sound" />;
  return (
    <audio
      className={classes.media}
      src={src}
      controls
      aria-label={name}
      preload="metadata"
      onError={() => {
        setIsBroken(true);
      }}
    />
  );
}

/** A film, with the browser's own controls. */
export function VideoViewer({ src, name }: MediaProps) {
  const [isBroken, setIsBroken] = useState(false);
  if (isBroken) return <Unshown what="film" />;
  return (
    <video
      className={classes.media}
      src={src}
      controls
      loop
      playsInline
      aria-label={name}
      preload="metadata"
      onError={() => {
        setIsBroken(true);
      }}
    />
  );
}
