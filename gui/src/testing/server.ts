import { setupServer } from 'msw/node';

/** The mocked server; a test says what it answers. Whatever no test foresaw fails. */
export const server = setupServer();
