import { getRouteApi } from '@tanstack/react-router';
import { useCallback } from 'react';

import { parseChartsSearch, type ChartsChange, type ChartsSearch } from './chartsSearch';

const route = getRouteApi('/projects/$project/charts');

/** What the address says, and a way to change it. */
export function useChartsSearch(): [ChartsSearch, (change: ChartsChange) => void] {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = useCallback(
    (next: ChartsChange) => {
      void navigate({
        replace: true,
        resetScroll: false,
        search: (before) => parseChartsSearch({ ...before, ...next }),
      });
    },
    [navigate],
  );
  return [search, change];
}
