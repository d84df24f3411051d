import { getRouteApi } from '@tanstack/react-router';

const route = getRouteApi('/projects/$project/searches/$search');

/** Return the project whose search is shown. */
export function useProject(): string {
  return route.useParams().project;
}
