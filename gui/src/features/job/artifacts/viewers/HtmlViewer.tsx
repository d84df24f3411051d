import classes from './viewers.module.css';

/**
 * What a page of a job may do: draw, and run the scripts that are written in it. It reaches no server, ours least of all.
 */
const POLICY =
  "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:; " +
  "font-src data:; media-src data: blob:; form-action 'none'; base-uri 'none'";

/** A page that a job saved, in a frame that is shut off from everything else. */
export function HtmlViewer({ text, name }: { text: string; name: string }) {
  return (
    <iframe
      className={classes.page}
      title={name}
      sandbox="allow-scripts"
      referrerPolicy="no-referrer"
      srcDoc={`<!doctype html><meta http-equiv="Content-Security-Policy" content="${POLICY}">${text}`}
    />
  );
}
