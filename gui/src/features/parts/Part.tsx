import classes from './PartsPage.module.css';

interface PartProps {
  name: string;
  isWide?: boolean;
  children: React.ReactNode;
}

/** One component, under its name. */
export function Part({ name, isWide = false, children }: PartProps) {
  return (
    <section className={classes.part} data-wide={isWide || undefined} aria-label={name}>
      <h2 className={classes.name}>{name}</h2>
      <div className={classes.example}>{children}</div>
    </section>
  );
}
