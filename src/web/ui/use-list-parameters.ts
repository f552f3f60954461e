import { useCallback } from 'react';
import { useSearchParams } from 'react-router';
import { pageParameter } from './page-parameter.ts';

/** The page of a list and what it is searched for, as its address says: `?q=lab&page=2`. */
export function useListParameters() {
  const [params, setParams] = useSearchParams();
  const set = useCallback(
    (name: string, value: string, replace: boolean) =>
      setParams(
        (before) => {
          if (name !== 'page') before.delete('page');
          if (value === '') before.delete(name);
          else before.set(name, value);
          return before;
        },
        { replace, preventScrollReset: replace },
      ),
    [setParams],
  );
  return {
    page: pageParameter(params),
    q: (params.get('q') ?? '').slice(0, 200),
    setPage: (page: number) => set('page', String(page), false),
    /** A search is not a place to go back to. */
    search: useCallback((q: string) => set('q', q, true), [set]),
  };
}
