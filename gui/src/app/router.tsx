import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
  type RouterHistory,
} from '@tanstack/react-router';

import { parseChartsSearch } from '@/features/charts/chartsSearch';
import { parseCompareSearch } from '@/features/compare/compareSearch';
import { readAhead } from '@/features/compare/readAhead';
import { parseJobSearch } from '@/features/job/jobSearch';
import { parseTableSearch } from '@/features/jobs/tableSearch';
import { parseDirectorySearch } from '@/features/projects/directorySearch';
import { parseSearchSearch } from '@/features/search/searchSearch';
import { partBy } from '@/lib/missingPart';

import { CrashPage } from './CrashPage';
import { LoginPage } from './LoginPage';
import { NotFoundPage } from './NotFoundPage';
import { Shell } from './Shell';

/** What a route may use to begin reading while its code is on its way. */
interface RouteContext {
  queryClient: QueryClient;
}

const root = createRootRouteWithContext<RouteContext>()({
  component: Shell,
  notFoundComponent: NotFoundPage,
});

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/projects' });
  },
});

const projects = createRoute({
  getParentRoute: () => root,
  path: '/projects',
  validateSearch: parseDirectorySearch,
  component: lazyRouteComponent(
    partBy(() => import('@/features/projects/ProjectsPage')),
    'ProjectsPage',
  ),
});

const jobs = createRoute({
  getParentRoute: () => root,
  path: '/projects/$project/job_listing',
  validateSearch: parseTableSearch,
  component: lazyRouteComponent(
    partBy(() => import('@/features/jobs/JobsPage')),
    'JobsPage',
  ),
});

const charts = createRoute({
  getParentRoute: () => root,
  path: '/projects/$project/charts',
  validateSearch: parseChartsSearch,
  component: lazyRouteComponent(
    partBy(() => import('@/features/charts/ChartsPage')),
    'ChartsPage',
  ),
});

const overview = createRoute({
  getParentRoute: () => root,
  path: '/projects/$project/overview',
  component: lazyRouteComponent(
    partBy(() => import('@/features/overview/OverviewPage')),
    'OverviewPage',
  ),
});

const job = createRoute({
  getParentRoute: () => root,
  path: '/projects/$project/jobs/$jobId',
  validateSearch: parseJobSearch,
  component: lazyRouteComponent(
    partBy(() => import('@/features/job/JobPage')),
    'JobPage',
  ),
});

const compare = createRoute({
  getParentRoute: () => root,
  path: '/projects/$project/compare',
  validateSearch: parseCompareSearch,
  staleTime: Infinity,
  loaderDeps: ({ search: { jobs, axis } }) => ({ jobs, axis }),
  loader: ({ context: { queryClient }, deps }) => {
    readAhead(queryClient, deps);
  },
  component: lazyRouteComponent(
    partBy(() => import('@/features/compare/ComparePage')),
    'ComparePage',
  ),
});

const search = createRoute({
  getParentRoute: () => root,
  path: '/projects/$project/searches/$search',
  validateSearch: parseSearchSearch,
  component: lazyRouteComponent(
    partBy(() => import('@/features/search/SearchPage')),
    'SearchPage',
  ),
});

const queue = createRoute({
  getParentRoute: () => root,
  path: '/queue',
  component: lazyRouteComponent(
    partBy(() => import('@/features/queue/QueuePage')),
    'QueuePage',
  ),
});

const login = createRoute({ getParentRoute: () => root, path: '/login', component: LoginPage });

const support = createRoute({
  getParentRoute: () => root,
  path: '/support',
  component: lazyRouteComponent(
    partBy(() => import('@/features/support/SupportPage')),
    'SupportPage',
  ),
});

const contact = createRoute({
  getParentRoute: () => root,
  path: '/contact',
  beforeLoad: () => {
    throw redirect({ to: '/support' });
  },
});

const documentation = createRoute({
  getParentRoute: () => root,
  path: '/documentation/$',
  component: lazyRouteComponent(
    partBy(() => import('@/features/documentation/DocumentationPage')),
    'DocumentationPage',
  ),
});

const parts = createRoute({
  getParentRoute: () => root,
  path: '/components',
  component: lazyRouteComponent(
    partBy(() => import('@/features/parts/PartsPage')),
    'PartsPage',
  ),
});

/** Return the router of all pages; tests bring a history of their own. */
export function createAppRouter(queryClient: QueryClient, history?: RouterHistory) {
  return createRouter({
    routeTree: root.addChildren([
      home,
      projects,
      jobs,
      charts,
      overview,
      job,
      compare,
      search,
      queue,
      login,
      support,
      contact,
      documentation,
      parts,
    ]),
    context: { queryClient },
    defaultPreload: 'intent',
    defaultErrorComponent: CrashPage,
    ...(history && { history }),
  });
}

export type AppRouter = ReturnType<typeof createAppRouter>;

declare module '@tanstack/react-router' {
  interface Register {
    router: AppRouter;
  }
}
