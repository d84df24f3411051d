import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';

import { announcements } from '@/lib/announcements';
import { splitMetrics } from '@/lib/chartData';
import { seriesQuery } from '@/lib/getSeries';
import { printWhole } from '@/lib/printing';
import type { Job } from '@/types/api';

/** Series that are read at once: as many as a browser has connections. */
const AT_ONCE = 6;
/** Charts from which on it takes long enough to say so. */
const MANY = 24;

/** The keys that print a page print a job's with all its charts, also those that nobody has scrolled to. */
export function usePrintKey(job: Job): void {
  const client = useQueryClient();
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const isPrint =
        (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key === 'p';
      if (!isPrint) return;
      event.preventDefault();
      const names = splitMetrics({ ...job.metrics, ...job.system_metrics }).lines;
      if (names.length > MANY) announcements.say(`${names.length} charts are read, to print them.`);
      void printWhole(async () => {
        for (let first = 0; first < names.length; first += AT_ONCE) {
          const some = names.slice(first, first + AT_ONCE);
          await Promise.allSettled(some.map((name) => client.query(seriesQuery(job.job_id, name))));
        }
      });
    };
    window.addEventListener('keydown', onKey);
    return () => {
      window.removeEventListener('keydown', onKey);
    };
  }, [client, job]);
}
