import type { Queries } from './database.ts';

/** How old a count may be: nobody counts along. */
const maxAgeMs = 1000;
const maxKept = 200;

const kept = new WeakMap<Queries, Map<string, { readonly at: number; readonly count: Promise<number> }>>();

export interface CountedPage {
  readonly page: number;
  readonly pageSize: number;
  /** How many items the page has. */
  readonly found: number;
  /** What all pages come from: `images i where i.deleted_at is null`. */
  readonly from: string;
  readonly values: readonly unknown[];
}

/**
 * How many rows a list has in all its pages. A page that is not full tells by itself; else they are counted, at most once a second for
 * the same list, since to count is what costs most of a long one.
 */
export async function countRows(queries: Queries, counted: CountedPage): Promise<number> {
  const { page, pageSize, found } = counted;
  const before = (page - 1) * pageSize;
  if (found < pageSize && (found > 0 || page === 1)) return before + found;
  return Math.max(await rememberedCount(queries, counted), found === 0 ? 0 : before + found);
}

function rememberedCount(queries: Queries, { from, values }: CountedPage): Promise<number> {
  const counts = kept.get(queries) ?? new Map();
  kept.set(queries, counts);
  const key = JSON.stringify([from, values]);
  const known = counts.get(key);
  if (known !== undefined && Date.now() - known.at < maxAgeMs) return known.count;
  if (counts.size >= maxKept) counts.clear();
  const count = queries
    .query<{ count: number }>(`select count(*)::int as count from ${from}`, values)
    .then((rows) => rows[0]!.count);
  counts.set(key, { at: Date.now(), count });
  count.catch(() => counts.delete(key));
  return count;
}
