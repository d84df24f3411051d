/** What can be written at a place of a filter, from what the jobs of the project have. */

import { quoted, tagField } from '@/lib/filterFields';
import { formatNumber, formatCount } from '@/lib/values';
import type { Facet, Facets, FacetValue } from '@/types/api';

import type { Place } from './reading';
import { metricField, paramField } from './writing';

export interface Suggestion {
  /** What is written in place of the partial word. */
  text: string;
  /** What it means, or how often it is there. */
  detail: string;
}

/** Suggestions that are shown at once. */
const MOST = 12;

const ATTRIBUTES: Suggestion[] = [
  { text: 'status', detail: 'how the job stands' },
  { text: 'user', detail: 'who started it' },
  { text: 'duration', detail: 'such as > 30m' },
  { text: 'start_time', detail: 'such as > -7d' },
  { text: 'job_id', detail: 'the beginning of an id with ~' },
  { text: 'cause', detail: 'why it failed' },
  { text: 'mode', detail: 'scheduled, or by hand' },
  { text: 'creation_time', detail: 'when it was made' },
  { text: 'completed_time', detail: 'when it ended' },
];

const OPERATORS: Suggestion[] = [
  { text: '==', detail: 'equals' },
  { text: '!=', detail: 'differs' },
  { text: '<', detail: 'less' },
  { text: '<=', detail: 'at most' },
  { text: '>', detail: 'more' },
  { text: '>=', detail: 'at least' },
  { text: '~', detail: 'contains' },
  { text: 'in', detail: 'one of a list' },
];

const JOINERS: Suggestion[] = [
  { text: 'and', detail: 'both must hold' },
  { text: 'or', detail: 'one must hold' },
];

/** Return what can be written at `place`, most likely first. */
export function suggestionsFor(place: Place, facets: Facets | undefined): Suggestion[] {
  const wanted = place.partial.toLowerCase().replace(/^["']/, '');
  const all = candidates(place, facets).filter(({ text }) => text !== place.partial);
  const rank = ({ text }: Suggestion): number => {
    const known = text.toLowerCase().replace(/^["']/, '');
    if (known.startsWith(wanted)) return 0;
    return known.split(/[.\s_"]/).some((part) => part.startsWith(wanted))
      ? 1
      : known.includes(wanted)
        ? 2
        : 3;
  };
  return all
    .map((suggestion) => ({ suggestion, rank: rank(suggestion) }))
    .filter(({ rank: each }) => each < 3)
    .sort((left, right) => left.rank - right.rank)
    .slice(0, MOST)
    .map(({ suggestion }) => suggestion);
}

function candidates(place: Place, facets: Facets | undefined): Suggestion[] {
  switch (place.wanted) {
    case 'field':
      return fields(facets, place.partial);
    case 'operator':
      return place.field.startsWith('tags.') ? [...JOINERS, ...OPERATORS] : OPERATORS;
    case 'value':
      return values(place.field, facets);
    case 'opening':
      return [{ text: '[', detail: 'begins a list' }];
    case 'separator':
      return [
        { text: ',', detail: 'another value' },
        { text: ']', detail: 'ends the list' },
      ];
    default:
      return JOINERS;
  }
}

function fields(facets: Facets | undefined, partial: string): Suggestion[] {
  const metrics = (facets?.metrics ?? []).map((facet) => ({
    text: metricField(facet.name),
    detail: rangeOf(facet),
  }));
  const statistics = metrics
    .filter(({ text }) => partial.startsWith(text))
    .flatMap(({ text }) =>
      ['min', 'max', 'first', 'count'].map((statistic) => ({
        text: `${text}.${statistic}`,
        detail: 'statistic',
      })),
    );
  return [
    ...statistics,
    ...ATTRIBUTES.slice(0, 4),
    ...(facets?.parameters ?? []).map((facet) => ({ text: paramField(facet.name), detail: rangeOf(facet) })),
    ...metrics,
    ...(facets?.tags ?? []).map((facet) => ({ text: tagField(facet.name), detail: countOf(facet) })),
    ...ATTRIBUTES.slice(4),
    { text: 'not', detail: 'turns a condition round' },
    { text: 'exists(', detail: 'whether a job has a field' },
  ];
}

function values(field: string, facets: Facets | undefined): Suggestion[] {
  if (!facets) return [];
  if (field === 'status' || field === 'user' || field === 'cause' || field === 'mode') {
    return facets[field].map(suggestValue);
  }
  if (field === 'duration') return ['30s', '5m', '1h', '1d'].map((text) => ({ text, detail: 'a span' }));
  if (field.endsWith('_time'))
    return ['-1h', '-1d', '-7d', '-30d'].map((text) => ({ text, detail: 'before now' }));
  const facet = facetOf(field, facets);
  if (!facet) return [];
  const ends = [facet.min, facet.max].filter((end) => typeof end === 'number');
  return [
    ...facet.values.map(suggestValue),
    ...ends.map((end, place) => ({ text: String(end), detail: place === 0 ? 'the least' : 'the most' })),
  ];
}

function facetOf(field: string, facets: Facets): Facet | undefined {
  const plain = field.replace(/\.(min|max|first|last|count)$/, '');
  return (
    facets.parameters.find(({ name }) => paramField(name) === field) ??
    facets.tags.find(({ name }) => tagField(name) === field) ??
    facets.metrics.find(({ name }) => metricField(name) === field || metricField(name) === plain)
  );
}

function suggestValue({ value, jobs }: FacetValue): Suggestion {
  const text = ['true', 'false', 'null'].includes(value) ? value : quoted(value);
  return { text, detail: jobs === 1 ? '1 job' : `${formatCount(jobs)} jobs` };
}

function countOf({ jobs }: Facet): string {
  return jobs === 1 ? '1 job' : `${formatCount(jobs)} jobs`;
}

function rangeOf(facet: Facet): string {
  const { min, max } = facet;
  if (typeof min !== 'number' || typeof max !== 'number') return countOf(facet);
  return min === max ? formatNumber(min) : `${formatNumber(min)} to ${formatNumber(max)}`;
}
