import { expect, it } from 'vitest';

import { artifact } from '@/testing/fixtures';

import { foundGroups, groupArtifacts } from './artifactGroups';

const groups = groupArtifacts([
  artifact('report.txt', { key: 'train report' }),
  artifact('report.txt', { key: 'val report' }),
  artifact('report.txt', { key: 'test/report.txt' }),
  artifact('samples.png', { key: 'samples/0', name: 'samples', step: 0 }),
  artifact('samples.png', { key: 'samples/5', name: 'samples', step: 5 }),
]);

it('calls each file by the key that it was saved by, and names the file where the key does not', () => {
  expect(groups.map(({ title, filename, members }) => [title, filename, members.length])).toEqual([
    ['samples', undefined, 2],
    ['test/report.txt', undefined, 1],
    ['train report', 'report.txt', 1],
    ['val report', 'report.txt', 1],
  ]);
});

it('finds files by their key and by their name', () => {
  expect(foundGroups(groups, ' Val').map(({ title }) => title)).toEqual(['val report']);
  expect(foundGroups(groups, 'report.TXT')).toHaveLength(3);
});
