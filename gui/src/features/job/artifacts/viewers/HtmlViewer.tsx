import classes from './viewers.module.css';

/**
 * A page that a job saved, in a frame that is shut off from everything else: the server's answer says what it may do.
 * Were it written into our page, it would have to live by the policy of ours, under which no script of its own runs.
 */
export function HtmlViewer({ src, name }: { src: string; name: string }) {
  return (
    <iframe
      className={classes.page}
      title={name}
      sandbox="allow-scripts"
      referrerPolicy="no-referrer"
      src={`${src}?framed=1`}
    />
  );
}
