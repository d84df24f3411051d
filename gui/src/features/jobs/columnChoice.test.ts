import { expect, it } from 'vitest';

import {
  changed,
  fieldsOf,
  formatChoice,
  movedTo,
  parseChoice,
  restated,
  serverField,
  shifted,
  toggled,
} from './columnChoice';

const known = ['job_id', 'status', 'parameters:lr', 'output_metrics:loss'].map((id) => ({ id, header: id }));
const all = known.map(({ id }) => ({ id }));

function ids(choice: { id: string }[]): string[] {
  return choice.map(({ id }) => id);
}

it('says a choice in an address and reads it back', () => {
  const choice = [
    { id: 'job_id', isPinned: true },
    { id: 'parameters:a,b~c!%' },
    { id: 'status', width: 90 },
  ];
  expect(parseChoice(formatChoice(choice))).toEqual(choice);
  expect(parseChoice(undefined)).toBeUndefined();
});

it('hides a column, and shows it again where it stood', () => {
  const hidden = toggled(all, 'status', known);
  expect(ids(hidden)).toEqual(['job_id', 'parameters:lr', 'output_metrics:loss']);
  expect(toggled(hidden, 'status', known)).toEqual(all);
});

it('moves a column, and not beyond the ends', () => {
  expect(ids(shifted(all, 'status', 1))).toEqual([
    'job_id',
    'parameters:lr',
    'status',
    'output_metrics:loss',
  ]);
  expect(shifted(all, 'job_id', -1)).toEqual(all);
});

it('shows another statistic of a metric, and asks the server for it', () => {
  const choice = restated(all, 'output_metrics:loss', 'min');
  expect(choice.at(-1)).toEqual({ id: 'output_metrics:loss@min' });
  expect(fieldsOf(choice)).toContain('metrics.loss.min');
  expect(fieldsOf(restated(choice, 'output_metrics:loss@min', 'last'))).toContain('metrics.loss,params.lr');
  expect(toggled(choice, 'output_metrics:loss', known)).toHaveLength(3);
});

it('takes for the best of a metric what is better of it', () => {
  expect(serverField('output_metrics:val_loss@best')).toBe('metrics.val_loss.min');
  expect(serverField('output_metrics:accuracy@best')).toBe('metrics.accuracy.max');
});

it('asks for everything until somebody chooses', () => {
  expect(fieldsOf(undefined)).toBe('');
});

it('puts a column where another one is', () => {
  expect(ids(movedTo(all, 'output_metrics:loss', 'job_id'))[0]).toBe('output_metrics:loss');
  expect(movedTo(all, 'none', 'job_id')).toEqual(all);
});

it('changes one column alone', () => {
  expect(changed(all, 'status', { width: 80 })[1]).toEqual({ id: 'status', width: 80 });
});
