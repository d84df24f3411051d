import { afterEach, expect, it } from 'vitest';

import { keepWantedPage, loginPath, takeWantedPage } from './login';

afterEach(() => {
  window.history.replaceState({}, '', '/');
});

it('comes back by itself to a page with a short address', () => {
  window.history.replaceState({}, '', '/projects/digits/job_listing?sort=-user');
  keepWantedPage();
  expect(loginPath()).toBe('/api/v3/auth/login?next=%2Fprojects%2Fdigits%2Fjob_listing%3Fsort%3D-user');
  expect(takeWantedPage()).toBeUndefined();
});

it('keeps a long address in the tab, and gives it out once', () => {
  const long = `/projects/digits/job_listing?filter=${'x'.repeat(3000)}`;
  window.history.replaceState({}, '', long);
  keepWantedPage();
  expect(loginPath()).toBe('/api/v3/auth/login?next=%2Flogin');
  expect(takeWantedPage()).toBe(long);
  expect(takeWantedPage()).toBeUndefined();
});

it('leads from the page of the login to the projects, and to no other server', () => {
  window.history.replaceState({}, '', '/login');
  expect(loginPath()).toBe('/api/v3/auth/login?next=%2Fprojects');
  sessionStorage.setItem('page wanted before the login', '//elsewhere.example');
  expect(takeWantedPage()).toBeUndefined();
});
