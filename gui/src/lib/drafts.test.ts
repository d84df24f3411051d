import { act, renderHook } from '@testing-library/react';
import { expect, it } from 'vitest';

import { claimDrafts, forgetDrafts, hasDrafts, useDraft } from './drafts';

it('drops what one user wrote as soon as another one is there', () => {
  claimDrafts('ada');
  const { result } = renderHook(() => useDraft('a comment', ''));
  act(() => {
    result.current.keep('of ada');
  });
  act(() => {
    claimDrafts('ada');
  });
  expect(result.current.value).toBe('of ada');
  act(() => {
    claimDrafts('bob');
  });
  expect(result.current).toMatchObject({ value: '', isKept: false });
  expect(hasDrafts()).toBe(false);
});

it('asks before the page is left as long as a draft is kept', () => {
  const { result } = renderHook(() => useDraft('a comment', ''));
  const isAsked = (): boolean => !window.dispatchEvent(new Event('beforeunload', { cancelable: true }));
  expect(isAsked()).toBe(false);
  act(() => {
    result.current.keep('half');
  });
  expect(isAsked()).toBe(true);
  act(forgetDrafts);
  expect(isAsked()).toBe(false);
});

it('is the same draft wherever it is shown', () => {
  const first = renderHook(() => useDraft('a comment', ''));
  const second = renderHook(() => useDraft('a comment', ''));
  act(() => {
    first.result.current.keep('half a thought');
  });
  expect(second.result.current.value).toBe('half a thought');
  expect(first.result.current.now()).toBe('half a thought');
});
