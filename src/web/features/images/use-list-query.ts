import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router';
import { listImages } from '../../../api/images.ts';
import type { ImageQuery } from '../../data/images.ts';

/** What the list asks for, all of it said. */
export interface ListQuery extends ImageQuery {
  readonly page: number;
  readonly sort: NonNullable<ImageQuery['sort']>;
  readonly order: NonNullable<ImageQuery['order']>;
}

/** What the list shows, as its address says: `?q=note&status=Failed&sort=name&order=asc&page=2`. What is not understood is left out. */
export function useListQuery() {
  const [params, setParams] = useSearchParams();
  const query = useMemo(() => readQuery(params), [params]);
  const set = useCallback(
    (changed: Partial<ImageQuery>) =>
      setParams(
        (before) => {
          // Whoever filters anew begins at the first page.
          const next = { page: undefined, ...changed };
          for (const [name, value] of Object.entries(next)) {
            if (value === undefined || value === '' || value === false) before.delete(name);
            else before.set(name, String(value));
          }
          return before;
        },
        // A filter is not a place to go back to; a page is.
        { replace: changed.page === undefined, preventScrollReset: changed.page === undefined },
      ),
    [setParams],
  );
  const clear = useCallback(() => setParams({}, { replace: true }), [setParams]);
  const { page: _page, sort: _sort, order: _order, pageSize: _pageSize, ...filters } = query;
  return { query, isFiltered: Object.values(filters).some((value) => value !== undefined && value !== ''), set, clear };
}

/** Field by field, so that one that is wrong does not take the others with it. */
function readQuery(params: URLSearchParams): ListQuery {
  const known = [...params].filter(([name, value]) => {
    const field = (listImages.query.shape as Record<string, { safeParse(value: unknown): { success: boolean } }>)[name];
    return field?.safeParse(value).success;
  });
  const {
    sort = 'updatedAt',
    order = sort === 'updatedAt' ? 'desc' : 'asc',
    page = 1,
    ...rest
  } = Object.fromEntries(known);
  return { ...rest, sort, order, page: Number(page) } as ListQuery;
}
