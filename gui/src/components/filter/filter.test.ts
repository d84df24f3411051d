import { describe, expect, it } from 'vitest';

import { RequestError } from '@/lib/request';
import { facets } from '@/testing/fixtures';

import { suggestionsFor } from './completion';
import { problemOf } from './Highlight';
import { placeAt, wordsOf } from './reading';
import { fieldOfColumn, languageOf, withCondition, writtenValue } from './writing';

const known = facets({
  status: [{ value: 'completed', jobs: 3 }],
  parameters: [{ name: 'lr', jobs: 3, min: 0.1, max: 0.3, values: [] }],
  metrics: [{ name: 'loss', jobs: 3, min: 0, max: 1, values: [] }],
  tags: [{ name: 'best', jobs: 1, min: null, max: null, values: [] }],
});

function proposed(text: string): string[] {
  return suggestionsFor(placeAt(text, text.length), known).map((each) => each.text);
}

describe('what can come next', () => {
  it('is a field at the beginning and behind and, or and a bracket', () => {
    expect(proposed('l')).toEqual(expect.arrayContaining(['params.lr', 'metrics.loss']));
    expect(proposed('status == "failed" and (met')).toEqual(expect.arrayContaining(['metrics.loss']));
  });

  it('is an operator behind a field', () => {
    expect(proposed('params.lr ')).toContain('<=');
  });

  it('is a value that the jobs have', () => {
    expect(proposed('status == ')).toEqual(['"completed"']);
    expect(proposed('params.lr > ')).toEqual(['0.1', '0.3']);
    expect(proposed('status in ["completed", ')).toEqual(['"completed"']);
  });

  it('joins conditions, and needs no operator behind a tag', () => {
    expect(proposed('params.lr > 1 ')).toEqual(['and', 'or']);
    expect(proposed('tags.best ').slice(0, 2)).toEqual(['and', 'or']);
    expect(proposed('exists(params.lr) ')).toEqual(['and', 'or']);
  });

  it('is a statistic behind a whole metric', () => {
    expect(proposed('metrics.loss')).toContain('metrics.loss.min');
  });
});

describe('writing', () => {
  it('quotes what the language could misread', () => {
    expect(fieldOfColumn('parameters:learning rate')).toBe('params."learning rate"');
    expect(fieldOfColumn('output_metrics:val.max')).toBe('metrics."val.max"');
    expect(fieldOfColumn('output_metrics:loss@min')).toBe('metrics.loss.min');
    expect(writtenValue('say "hi"')).toBe('"say \\"hi\\""');
    expect(writtenValue('NaN')).toBe('nan');
  });

  it('adds a condition once, and keeps an or together', () => {
    expect(withCondition('', 'tags.a')).toBe('tags.a');
    expect(withCondition('tags.a', 'tags.a')).toBe('tags.a');
    expect(withCondition('tags.a or tags.b', 'tags.c')).toBe('(tags.a or tags.b) and tags.c');
    expect(withCondition('user == "a or b"', 'tags.c')).toBe('user == "a or b" and tags.c');
  });

  it('reads names of any script as words', () => {
    for (const field of ['params.größe', 'params.हिन्दी', 'metrics.損失.min'])
      expect(wordsOf(`${field} > 1`).map(({ kind }) => kind)).toEqual(['word', 'symbol', 'number']);
  });

  it('looks for plain words, and leaves sentences of the language alone', () => {
    expect(languageOf('bob')).toBe('(job_id ~ "bob" or user ~ "bob" or status ~ "bob")');
    expect(languageOf('日本')).toBe('(job_id ~ "日本" or user ~ "日本" or status ~ "日本")');
    for (const words of ['مريم', 'Ünï', 'हिन्दी', 'ann.lee@lab', 'usermade', 'statusé'])
      expect(languageOf(words)).toContain(`user ~ "${words}"`);
    expect(languageOf('status')).toBe('status');
    expect(languageOf('params.lr < 1')).toBe('params.lr < 1');
  });
});

describe('what the server cannot read', () => {
  const refused = (position: number, expected: string) =>
    new RequestError(400, 'invalid_input', `filter: at position ${position}: wrong`, {
      field: 'filter',
      position,
      expected,
    });

  it('is marked at its word', () => {
    const problem = problemOf(refused(1, 'a field'), 'nonsense == 1');
    expect(problem).toMatchObject({ start: 0, end: 8, isUnfinished: false, sentence: 'wrong' });
  });

  it('is a hint where the sentence only has not ended yet', () => {
    const problem = problemOf(refused(10, 'an operator'), 'params.lr');
    expect(problem).toMatchObject({ isUnfinished: true, sentence: 'Expected here: an operator' });
  });

  it('is nothing when the server failed for another reason', () => {
    expect(problemOf(new RequestError(503, 'server_unreachable', 'away'), 'x')).toBeUndefined();
  });
});
