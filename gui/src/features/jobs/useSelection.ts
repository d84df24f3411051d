import { useSessionStorage } from '@mantine/hooks';
import { useCallback, useMemo } from 'react';

export interface Selection {
  ids: ReadonlySet<string>;
  toggle: (jobId: string) => void;
  set: (jobIds: string[]) => void;
}

/** The selected jobs of a project. They stay selected whatever the table shows, and until the browser's tab is closed. */
export function useSelection(project: string): Selection {
  const [list, setList] = useSessionStorage<string[]>({
    key: `selected jobs of ${project}`,
    defaultValue: [],
    getInitialValueInEffect: false,
  });
  const toggle = useCallback(
    (jobId: string) => {
      setList((ids) => (ids.includes(jobId) ? ids.filter((id) => id !== jobId) : [...ids, jobId]));
    },
    [setList],
  );
  return useMemo(() => ({ ids: new Set(list), toggle, set: setList }), [list, toggle, setList]);
}
