import { expect, it } from 'vitest';

import { Batch } from './batch';

function counting(answer: (id: string) => string | Error = (id) => id.toUpperCase()) {
  const asked: string[][] = [];
  const batch = new Batch<string>((ids) => {
    asked.push(ids);
    return Promise.resolve(ids.map(answer));
  }, 3);
  return { asked, batch };
}

it('reads together what is wanted at the same time', async () => {
  const { asked, batch } = counting();
  expect(await Promise.all(['a', 'b'].map((id) => batch.get(id)))).toEqual(['A', 'B']);
  expect(await batch.get('c')).toBe('C');
  expect(asked).toEqual([['a', 'b'], ['c']]);
});

it('reads once what several want', async () => {
  const { asked, batch } = counting();
  expect(await Promise.all(['a', 'b', 'a'].map((id) => batch.get(id)))).toEqual(['A', 'B', 'A']);
  expect(asked).toEqual([['a', 'b']]);
});

it('asks for no more than it may at once', async () => {
  const { asked, batch } = counting();
  await Promise.all(['a', 'b', 'c', 'd'].map((id) => batch.get(id)));
  expect(asked).toEqual([['a', 'b', 'c'], ['d']]);
});

it('refuses alone what is not there', async () => {
  const { batch } = counting((id) => (id === 'b' ? new Error('gone') : id));
  const [one, other] = [batch.get('a'), batch.get('b')];
  await expect(other).rejects.toThrow('gone');
  expect(await one).toBe('a');
});

it('refuses everything when nothing can be read', async () => {
  const batch = new Batch<string>(() => Promise.reject(new Error('no server')), 3);
  const all = await Promise.allSettled([batch.get('a'), batch.get('b')]);
  expect(all.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});
