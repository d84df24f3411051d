import { expect, it } from 'vitest';

import { project } from '@/testing/fixtures';

import { findProjects, statusCounts } from './directory';

it('shows the newest project first', () => {
  const projects = [project('old', { creation_time: 1 }), project('new', { creation_time: 2 })];
  expect(findProjects(projects, '').map(({ name }) => name)).toEqual(['new', 'old']);
});

it('finds every word anywhere in the name, in any case', () => {
  const projects = [project('speech-to-text'), project('Text-classifier')];
  expect(findProjects(projects, 'TEXT sp').map(({ name }) => name)).toEqual(['speech-to-text']);
});

it('finds a word in a tag, too', () => {
  const projects = [project('speech', { tags: ['Baseline', 'tf'] }), project('text', { tags: ['tf'] })];
  expect(findProjects(projects, 'base spee').map(({ name }) => name)).toEqual(['speech']);
  expect(findProjects(projects, 'tf')).toHaveLength(2);
});

it('counts only the states that a job is in, what happens now first', () => {
  const counts = statusCounts(project('digits', { by_status: { completed: 3, queued: 0, running: 1 } }));
  expect(counts).toEqual([
    ['running', 1],
    ['completed', 3],
  ]);
});
