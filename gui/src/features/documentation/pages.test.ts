import { expect, it } from 'vitest';

import { pagePaths, PAGES, shownPage } from './pages';

it('lists every page that there is, and no other', () => {
  const listed = Object.values(PAGES).flatMap((pages) => Object.keys(pages));
  expect(listed.toSorted()).toEqual(pagePaths().toSorted());
});

it('takes the title from the text, and leaves pictures of the pages out', () => {
  const page = shownPage('guides/page', '# The page\n\n![Jobs](../images/jobs-light.png)\nIt follows.\n');
  expect(page.title).toBe('The page');
  expect(page.text.trim()).toBe('It follows.');
});

it('leads a link to the page here, and leaves the words of one that leads elsewhere', () => {
  const markdown =
    '[queries](queries.md#a), [HTTP](../reference/http.md), [why](../decisions/001.md), [it](https://a.b)';
  expect(shownPage('guides/page', markdown).text).toBe(
    '[queries](/documentation/guides/queries), [HTTP](/documentation/reference/http), why, [it](https://a.b)',
  );
});

it('shows a warning as a quotation', () => {
  const { text } = shownPage('guides/policy', '!!! warning\n    Read this.\n    And this.\nMore.\n');
  expect(text).toBe('> **Warning.** Read this.\n> And this.\nMore.\n');
});
