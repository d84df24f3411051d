import { Link, Outlet } from '@tanstack/react-router';

import { Logo } from '@/components/Logo';

import { ColorSchemeToggle } from './ColorSchemeToggle';
import { ConnectionMark } from './ConnectionMark';
import classes from './Shell.module.css';

/** What every page stands in: the way home, the state of the connection, and the page itself. */
export function Shell() {
  return (
    <div className={classes.shell}>
      <a href="#page" className={classes.skip}>
        Skip to the page
      </a>
      <div className={classes.bar}>
        <Link to="/projects" className={classes.brand} aria-label="Atlas: all projects">
          <Logo />
          Atlas
        </Link>
        <nav aria-label="Main" className={`${classes.links ?? ''} header-link-container`}>
          <Link to="/projects" activeProps={{ 'aria-current': 'page' }} activeOptions={{ exact: true }}>
            Projects
          </Link>
          <Link to="/queue" activeProps={{ 'aria-current': 'page' }}>
            Queue
          </Link>
        </nav>
        <div className={classes.end}>
          <ConnectionMark />
          <ColorSchemeToggle />
        </div>
      </div>
      <main id="page" className={classes.page}>
        <Outlet />
      </main>
    </div>
  );
}
