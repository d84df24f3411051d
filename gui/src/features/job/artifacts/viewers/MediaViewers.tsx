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
export function AudioViewer(props: MediaProps) {
  return <Played what="sound" {...props} />;
}

/** A film, with the browser's own controls. */
export function VideoViewer(props: MediaProps) {
  return <Played what="film" {...props} />;
}

function Played({ what, src, name }: MediaProps & { what: 'sound' | 'film' }) {
  const [isBroken, setIsBroken] = useState(false);
  if (isBroken) return <Unshown what={what} />;
  const shared = {
    className: classes.media,
    src,
    controls: true,
    'aria-label': name,
    preload: 'metadata',
    onError: () => {
      setIsBroken(true);
    },
  } as const;
  return what === 'sound' ? <audio {...shared} /> : <video {...shared} loop playsInline />;
}
