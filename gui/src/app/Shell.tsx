import { Link, Outlet } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';

import { Icon } from '@/components/Icon';
import { Logo } from '@/components/Logo';

import { AnnouncementList } from './AnnouncementList';
import { ColorSchemeToggle } from './ColorSchemeToggle';
import { ConnectionMark } from './ConnectionMark';
import type { Command } from './palette/commands';
import classes from './Shell.module.css';
import { ShortcutDialog } from './ShortcutDialog';
import { useColourSwitch } from './useColourSwitch';
import { useKeys } from './useKeys';
import { UserMenu } from './UserMenu';

const Palette = lazy(() => import('./palette/Palette'));

/** What lies above the page now. */
type Above = 'palette' | 'keys' | undefined;

/** What every page stands in: the way home, the state of the connection, and the page itself. */
export function Shell() {
  const [above, setAbove] = useState<Above>();
  const { other, switchColours } = useColourSwitch();
  const openPalette = (): void => {
    setAbove('palette');
  };
  const showKeys = (): void => {
    setAbove('keys');
  };
  const close = (): void => {
    setAbove(undefined);
  };
  useKeys({ openPalette, showKeys, switchColours });
  const actions: Command[] = [
    { id: 'colours', kind: 'Action', title: `Show in ${other} colours`, run: switchColours },
    { id: 'keys', kind: 'Action', title: 'Show the keys', run: showKeys },
  ];
  return (
    <div className={classes.shell}>
      <a href="#page" className={classes.skip}>
        Skip to the page
      </a>
      <TopBar onPalette={openPalette} />
      <main id="page" className={classes.page} tabIndex={-1}>
        <Outlet />
      </main>
      <AnnouncementList />
      <ShortcutDialog opened={above === 'keys'} onClose={close} />
      {above === 'palette' && (
        <Suspense fallback={null}>
          <Palette actions={actions} onClose={close} />
        </Suspense>
      )}
    </div>
  );
}

function TopBar({ onPalette }: { onPalette: () => void }) {
  return (
    <div className={classes.bar}>
      <Link to="/projects" className={classes.brand} aria-label="Atlas: all projects">
        <Logo />
        <span className={classes.word}>Atlas</span>
      </Link>
      <nav aria-label="Main" className={`${classes.links ?? ''} header-link-container`}>
        <Link to="/projects" activeProps={{ 'aria-current': 'page' }} activeOptions={{ exact: true }}>
          Projects
        </Link>
        <Link to="/queue" activeProps={{ 'aria-current': 'page' }}>
          Queue
        </Link>
        <Link
          to="/documentation/$"
          params={{ _splat: 'index' }}
          activeProps={{ 'aria-current': 'page' }}
          className={classes.less}
        >
          Documentation
        </Link>
        <Link to="/support" activeProps={{ 'aria-current': 'page' }}>
          Support
        </Link>
      </nav>
      <div className={classes.end}>
        <button
          type="button"
          className={classes.find}
          onClick={onPalette}
          aria-keyshortcuts="Control+K Meta+K"
        >
          <Icon name="search" size={13} />
          <span className={classes.findWords}>Go to</span>
          <kbd className={classes.key}>Ctrl K</kbd>
        </button>
        <ConnectionMark />
        <ColorSchemeToggle />
        <UserMenu />
      </div>
    </div>
  );
}
