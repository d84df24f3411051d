/** Requests to the server, and the one error that they end in. */

import { goToLogin } from './login';

/** Characters of the longest plain text that is taken for a sentence to people. */
const LONGEST_SENTENCE = 300;

/** A request that did not succeed. `status` is 0 when the server could not be reached at all. */
export class RequestError extends Error {
  readonly status: number;
  readonly code: string;
  /** What else the server says of the case, such as the `position` of what it cannot read. */
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(status: number, code: string, detail: string, facts: Record<string, unknown> = {}) {
    super(detail);
    this.name = 'RequestError';
    this.status = status;
    this.code = code;
    this.facts = facts;
  }

  /** Whether what was asked for does not exist, so that asking again is pointless. */
  get isMissing(): boolean {
    return this.status === 404;
  }
}

/** Return the response to a GET. Throws `RequestError` for all but success, and lets an abort through. */
export function get(
  path: string,
  signal?: AbortSignal,
  headers: Record<string, string> = {},
): Promise<Response> {
  return ask(path, { signal: signal ?? null, headers });
}

/** Ask the server to change something; `body` travels as JSON. Throws `RequestError`. */
export async function send(method: Change, path: string, body?: unknown): Promise<void> {
  await change(method, path, body);
}

/** As `send`, and return the JSON of the answer; undefined where there is none (204). */
export async function sendJson<T>(method: Change, path: string, body?: unknown): Promise<T> {
  const answer = await change(method, path, body);
  return (answer.status === 204 ? undefined : await answer.json()) as T;
}

async function change(method: Change, path: string, body: unknown): Promise<Response> {
  // The older routes tell the whole reason of a refusal to those alone who say that they understand it.
  const headers = {
    Accept: 'application/problem+json, application/json',
    'Content-Type': 'application/json',
  };
  return ask(path, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
}

export type Change = 'POST' | 'PUT' | 'PATCH' | 'DELETE';

async function ask(path: string, options: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(new URL(path, window.location.origin), options);
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new RequestError(0, 'server_unreachable', 'The server does not answer. Is it running?');
  }
  if (!response.ok) {
    const problem = await problemOf(response);
    if (problem.code === 'unauthorized') goToLogin();
    throw problem;
  }
  return response;
}

/** Return the JSON of a GET. Throws `RequestError`. */
export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await get(path, signal);
  try {
    return (await response.json()) as T;
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new RequestError(response.status, 'no_json', 'The server’s answer is no JSON.');
  }
}

async function problemOf(response: Response): Promise<RequestError> {
  const text = await response.text().catch(() => '');
  const { code, detail, facts } = readProblem(text);
  return new RequestError(response.status, code ?? 'http_error', detail ?? wordsOf(response.status), facts);
}

/** Return what is said of an answer that says nothing itself, as those do that stand before the server. */
function wordsOf(status: number): string {
  return status === 414 || status === 431
    ? 'It is too long for a request: shorten it.'
    : `The server answered ${status}.`;
}

/** Read `application/problem+json`, and the plain texts of the older routes. */
function readProblem(text: string): { code?: string; detail?: string; facts?: Record<string, unknown> } {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'string') return { detail: body };
    if (typeof body === 'object' && body !== null) {
      const { code, detail, message } = body as Record<string, unknown>;
      const sentence = [detail, message].find((words) => typeof words === 'string' && words !== '');
      return {
        facts: body as Record<string, unknown>,
        ...(typeof code === 'string' && { code }),
        ...(typeof sentence === 'string' && { detail: sentence }),
      };
    }
  } catch {
    // The older routes refuse in plain words; whatever stands between us and the server may answer in HTML.
    if (text.length < LONGEST_SENTENCE && !text.trimStart().startsWith('<')) {
      return text.trim() === '' ? {} : { detail: text.trim() };
    }
  }
  return {};
}
