import { ActionIcon, Tooltip } from '@mantine/core';

import { Icon } from '@/components/Icon';

import { useColourSwitch } from './useColourSwitch';

/** Switches between light and dark. */
export function ColorSchemeToggle() {
  const { other, switchColours } = useColourSwitch();
  const label = `Show in ${other} colours`;
  return (
    <Tooltip label={label} openDelay={400}>
      <ActionIcon variant="subtle" color="gray" aria-label={label} onClick={switchColours}>
        <Icon name={other === 'dark' ? 'moon' : 'sun'} />
      </ActionIcon>
    </Tooltip>
  );
}
