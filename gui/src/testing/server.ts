import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';

import { paths } from '@/config/paths';

/** What every page asks: who reads. Nobody logs in at the mocked server unless a test says so. */
const nobody = http.get(paths.session, () => HttpResponse.json({ login: false, user: null, role: 'admin' }));

/** The mocked server; a test says what else it answers. Whatever no test foresaw fails. */
export const server = setupServer(nobody);
