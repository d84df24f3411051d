import { getRouteApi } from '@tanstack/react-router';
import { useCallback } from 'react';

import { parseCompareSearch, type CompareSearch } from './compareSearch';

const route = getRouteApi('/projects/$project/compare');

/** A change of the address; undefined takes a part out of it. */
export type Change = { [Part in keyof CompareSearch]: CompareSearch[Part] | undefined };

/** What the address says, and a way to change it. */
export function useCompareSearch(): [CompareSearch, (change: Change) => void] {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = useCallback(
    (next: Change) => {
      void navigate({
        replace: true,
        resetScroll: false,
        search: (before) => parseCompareSearch({ ...before, ...next }),
      });
    },
    [navigate],
  );
  return [search, change];
}
