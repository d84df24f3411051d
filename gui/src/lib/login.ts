/** The way to where people log in, and back to the page that they wanted. */

/** Characters of an address that come back from the login by themselves: what waits for it is kept in a cookie. */
const CARRIED = 1500;
/** Under this name a longer one waits in the browser's tab. */
const KEPT = 'page wanted before the login';
/** The page to which a login leads whose address waits here. */
const LOGIN_PAGE = '/login';

/** Return where people log in, and come back from to the page that they are on. */
export function loginPath(): string {
  const here = wantedHere();
  return `/api/v3/auth/login?next=${encodeURIComponent(isLong(here) ? LOGIN_PAGE : here)}`;
}

/** Remember the page that somebody is on, where its address is too long to come back from the login by itself. */
export function keepWantedPage(): void {
  const here = wantedHere();
  if (isLong(here)) sessionStorage.setItem(KEPT, here);
}

/** Lead to where people log in. */
export function goToLogin(): void {
  keepWantedPage();
  window.location.assign(loginPath());
}

/** Return the page that was wanted before the login, once; undefined where none waits. */
export function takeWantedPage(): string | undefined {
  const wanted = sessionStorage.getItem(KEPT) ?? '';
  sessionStorage.removeItem(KEPT);
  return /^\/(?![/\\])/.test(wanted) ? wanted : undefined;
}

/** Whoever asks for the page of the login itself wants the directory of projects. */
function wantedHere(): string {
  const { pathname, search } = window.location;
  return pathname === LOGIN_PAGE ? '/projects' : pathname + search;
}

function isLong(address: string): boolean {
  return encodeURIComponent(address).length > CARRIED;
}
