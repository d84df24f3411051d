import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useCallback } from 'react';

const route = getRouteApi('/projects/$project/searches/$search');

/** Return the project whose search is shown. */
export function useProject(): string {
  return route.useParams().project;
}

/** Return what leads to the page of one of its jobs. */
export function useOpenJob(): (jobId: string) => void {
  const project = useProject();
  const navigate = useNavigate();
  return useCallback(
    (jobId) => void navigate({ to: '/projects/$project/jobs/$jobId', params: { project, jobId } }),
    [navigate, project],
  );
}
