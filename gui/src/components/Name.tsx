import { plainText } from '@/lib/values';

/**
 * What people call something. It stands apart from the words beside it, whichever way its script runs, and the signs
 * that would turn it round are shown as their codes.
 */
export function Name({ children }: { children: string }) {
  return <bdi>{plainText(children)}</bdi>;
}
