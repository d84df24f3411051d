import { useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { useColorScheme } from '@mantine/hooks';

/** The scheme that is not shown, and a way to show it. A choice that the system makes too is left to the system again. */
export function useColourSwitch(): { other: 'light' | 'dark'; switchColours: () => void } {
  const { setColorScheme } = useMantineColorScheme();
  const shown = useComputedColorScheme('light');
  const system = useColorScheme();
  const other = shown === 'dark' ? 'light' : 'dark';
  return {
    other,
    switchColours: () => {
      setColorScheme(other === system ? 'auto' : other);
    },
  };
}
