/** Who writes. */

import { useSession } from './getSession';

/** The name of everybody at a server without a login. */
const NOBODY = 'CE User';

/** Return the name under which the reader writes. */
export function useAuthor(): string {
  return useSession()?.user ?? NOBODY;
}
