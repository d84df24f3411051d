import { expect, it } from 'vitest';

import { matching, type Command } from './commands';

const command = (kind: string, title: string): Command => ({ id: title, kind, title, run: () => undefined });
const ALL = [command('Page', 'Queue'), command('Project', 'my digits'), command('Project', 'digits')];

it('finds what holds all words, and what begins with them first', () => {
  expect(matching(ALL, 'dig').map(({ title }) => title)).toEqual(['digits', 'my digits']);
  expect(matching(ALL, 'project my').map(({ title }) => title)).toEqual(['my digits']);
});

it('offers everything while nothing is typed', () => {
  expect(matching(ALL, '')).toHaveLength(3);
});
