import { delay, http, HttpResponse } from 'msw';
import { expect, it, vi } from 'vitest';

import { paths } from '@/config/paths';
import { JOB_ID } from '@/testing/fixtures';
import { server } from '@/testing/server';

import { LogFollower, type FollowState } from './LogFollower';

/** Serve `log` as the server does: from the byte that is asked for. Returns the offsets that were asked for. */
function serve(log: () => Uint8Array<ArrayBuffer>): number[] {
  const offsets: number[] = [];
  server.use(
    http.get(paths.log(JOB_ID), ({ request }) => {
      const offset = Number(new URL(request.url).searchParams.get('offset'));
      offsets.push(offset);
      return new HttpResponse(log().slice(offset));
    }),
  );
  return offsets;
}

function follow() {
  let text = '';
  let news = '';
  let state: FollowState = 'opening';
  const unfinished: string[] = [];
  const follower = new LogFollower(JOB_ID, {
    onText: (part, isNew) => {
      text += part;
      news += isNew ? part : '';
    },
    onUnfinished: (line) => {
      unfinished.push(line);
    },
    onState: (next) => {
      state = next;
    },
  });
  return { follower, unfinished, text: () => text, news: () => news, state: () => state };
}

it('reads the log of an ended job to its end, once', async () => {
  const offsets = serve(() => new TextEncoder().encode('done\n'));
  const { follower, text, state } = follow();
  follower.jobHasEnded = true;
  follower.start();
  await vi.waitFor(() => {
    expect(state()).toBe('ended');
  });
  expect(text()).toBe('done\n');
  expect(offsets).toEqual([0]);
});

it('goes on where it was when a response ends, even within a character', async () => {
  const whole = new TextEncoder().encode('größe\nfertig\n');
  let cut = 3; // in the middle of the ö
  const offsets = serve(() => whole.slice(0, cut));
  const { follower, text, state } = follow();
  follower.start();
  await vi.waitFor(() => {
    expect(text()).toBe('gr');
  });
  cut = whole.length;
  follower.jobHasEnded = true;
  await vi.waitFor(
    () => {
      expect(state()).toBe('ended');
    },
    { timeout: 3000 },
  );
  expect(text()).toBe('größe\nfertig\n');
  expect(offsets.slice(0, 3)).toEqual([0, 3, 3]);
});

it('says when there is no log', async () => {
  server.use(http.get(paths.log(JOB_ID), () => HttpResponse.json({}, { status: 404 })));
  const { follower, state } = follow();
  follower.jobHasEnded = true;
  follower.start();
  await vi.waitFor(() => {
    expect(state()).toBe('missing');
  });
});

it('tries again when the server is lost', async () => {
  server.use(http.get(paths.log(JOB_ID), () => HttpResponse.error()));
  const { follower, text, state } = follow();
  follower.jobHasEnded = true;
  follower.start();
  await vi.waitFor(() => {
    expect(state()).toBe('lost');
  });
  serve(() => new TextEncoder().encode('back\n'));
  await vi.waitFor(
    () => {
      expect(text()).toBe('back\n');
    },
    { timeout: 3000 },
  );
});

it('is silent after it was stopped', async () => {
  let isAsked = false;
  server.use(
    http.get(paths.log(JOB_ID), async () => {
      isAsked = true;
      await delay(300);
      return HttpResponse.text('late\n');
    }),
  );
  const { follower, text } = follow();
  follower.start();
  await vi.waitFor(() => {
    expect(isAsked).toBe(true);
  });
  follower.stop();
  await delay(400);
  expect(text()).toBe('');
});

it('tells what is new from what was there before it began', async () => {
  server.use(
    http.get(paths.log(JOB_ID), ({ request }) =>
      HttpResponse.text(new URL(request.url).searchParams.has('follow') ? 'new\n' : 'old\n'),
    ),
  );
  const { follower, text, news } = follow();
  follower.start();
  await vi.waitFor(() => {
    expect(text()).toContain('new\n');
  });
  follower.stop();
  expect(text().startsWith('old\nnew\n')).toBe(true);
  expect(news()).not.toContain('old');
});

it('tells the line that is not finished beside the log, and counts it nowhere', async () => {
  const offsets: number[] = [];
  server.use(
    http.get(paths.log(JOB_ID), async ({ request }) => {
      const url = new URL(request.url);
      offsets.push(Number(url.searchParams.get('offset')));
      if (offsets.length > 2) await delay('infinite');
      if (!url.searchParams.has('follow')) return HttpResponse.text('old\n');
      expect(request.headers.get('Accept')).toContain('application/vnd.atlas.log-frames');
      const frames = 'U\0\0\0\x05\r 10%U\0\0\0\x05\r 20%L\0\0\0\x04new\n';
      return new HttpResponse(frames, { headers: { 'Content-Type': 'application/vnd.atlas.log-frames' } });
    }),
  );
  const { follower, text, unfinished } = follow();
  follower.start();
  await vi.waitFor(
    () => {
      expect(offsets.length).toBe(3);
    },
    { timeout: 3000 },
  );
  follower.stop();
  expect(text()).toBe('old\nnew\n');
  expect(unfinished).toEqual(['', '\r 10%', '\r 20%', '']);
  expect(offsets).toEqual([0, 4, 8]);
});
