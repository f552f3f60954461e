import type { Queries } from './database.ts';
import { type Viewer, visibleTo } from './images.ts';

/** In how many images the names of packages stand, by ecosystem. */
export type RequestedNames = Readonly<Record<string, ReadonlyMap<string, number>>>;

/** More than anybody is shown. */
const mostNames = 10_000;

/** What stands first on the lines of images that somebody sees and that were built: names of packages, but for what is no name. */
export async function countRequestedNames(queries: Queries, viewer: Viewer): Promise<RequestedNames> {
  const rows = await queries.query<{ ecosystem: string; name: string; images: number }>(
    `select list.key as ecosystem, word[1] as name, count(distinct i.id)::int as images
     from images i, jsonb_each_text(i.spec -> 'packages') list, regexp_split_to_table(list.value, '\\r?\\n') line,
       regexp_match(lower(line), '^\\s*(?:[\\w./-]+::)?([a-z0-9_][\\w.+-]*)') word
     where i.deleted_at is null and i.ready_revision is not null and word is not null
       ${viewer === 'all' ? '' : `and ${visibleTo('$1')}`}
     group by 1, 2 order by 3 desc, 2 limit ${mostNames}`,
    viewer === 'all' ? [] : [[...viewer.groups]],
  );
  const ofEcosystem = ([ecosystem, found]: [string, typeof rows | undefined]) =>
    [ecosystem, new Map(found!.map(({ name, images }) => [name, images]))] as const;
  return Object.fromEntries(Object.entries(Object.groupBy(rows, (row) => row.ecosystem)).map(ofEcosystem));
}
