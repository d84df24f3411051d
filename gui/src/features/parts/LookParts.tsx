import { Icon, ICONS } from '@/components/Icon';

import { Part } from './Part';
import classes from './PartsPage.module.css';

const COLOURS = [
  ...['--paper', '--surface', '--surface-sunk', '--line', '--line-strong'],
  ...['--text', '--text-soft', '--text-faint', '--accent', '--accent-soft'],
  ...['--good', '--bad', '--wait', '--mark'],
  ...Array.from({ length: 8 }, (_, index) => `--line-${index + 1}`),
];

/** The colours by what they mean. */
export function ColourPart() {
  return (
    <Part name="tokens.css" isWide>
      <div className={classes.example} style={{ display: 'flex' }}>
        {COLOURS.map((name) => (
          <span key={name} className={classes.swatch}>
            <span className={classes.colour} style={{ background: `var(${name})` }} />
            {name.slice(2)}
          </span>
        ))}
      </div>
    </Part>
  );
}

/** The pictures beside words. */
export function IconPart() {
  return (
    <Part name="Icon" isWide>
      <div className={classes.example} style={{ display: 'flex' }}>
        {ICONS.map((name) => (
          <span key={name} className={classes.icon}>
            <Icon name={name} /> {name}
          </span>
        ))}
      </div>
    </Part>
  );
}
