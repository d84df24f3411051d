import { useSessionStorage } from '@mantine/hooks';
import { useMemo } from 'react';

export interface Selection {
  ids: ReadonlySet<string>;
  toggle: (jobId: string) => void;
  /** Select these too. */
  add: (jobIds: string[]) => void;
  /** Select these no more. */
  remove: (jobIds: string[]) => void;
  set: (jobIds: string[]) => void;
}

/** The selected jobs of a project. They stay selected whatever the table shows, and until the browser's tab is closed. */
export function useSelection(project: string): Selection {
  const [list, setList] = useSessionStorage<string[]>({
    key: `selected jobs of ${project}`,
    defaultValue: [],
    getInitialValueInEffect: false,
  });
  return useMemo(() => {
    const without = (all: string[], some: ReadonlySet<string>) => all.filter((id) => !some.has(id));
    return {
      ids: new Set(list),
      set: setList,
      add: (jobIds) => {
        setList((ids) => [...new Set([...ids, ...jobIds])]);
      },
      remove: (jobIds) => {
        setList((ids) => without(ids, new Set(jobIds)));
      },
      toggle: (jobId) => {
        setList((ids) => (ids.includes(jobId) ? without(ids, new Set([jobId])) : [...ids, jobId]));
      },
    };
  }, [list, setList]);
}
