import { isBuilderError } from '../../errors.ts';
import type { Queries } from '../database.ts';
import { sourceAbout } from '../settings/package-sources.ts';
import { settingAbout } from '../settings/settings.ts';
import { pullSecretAbout } from './pull-secrets.ts';
import type { SecretBox } from './secret-box.ts';

/** All columns that hold sealed texts, and what those of a row are sealed for. */
const places = [
  { table: 'pull_secrets', key: 'id', column: 'sealed_password', about: pullSecretAbout },
  { table: 'settings', key: 'key', column: 'sealed', about: settingAbout },
  { table: 'package_sources', key: 'id', column: 'sealed_credentials', about: sourceAbout },
] as const;

export interface Resealed {
  readonly resealed: number;
  /** What could not be opened and was left as it is: `pull-secret/5f0c2a1e-…`. */
  readonly unreadable: readonly string[];
}

/** Seals everything with the first key that was sealed with another. What changes meanwhile is left to whoever changes it. */
export async function resealAll(queries: Queries, box: SecretBox): Promise<Resealed> {
  let resealed = 0;
  const unreadable: string[] = [];
  for (const { table, key, column, about } of places) {
    const rows = await queries.query<{ key: string; sealed: string }>(
      `select ${key}::text as key, ${column} as sealed from ${table} where ${column} is not null`,
    );
    for (const row of rows.filter(({ sealed }) => box.needsResealing(sealed))) {
      const place = about(row.key);
      const plain = openOrSkip(box, row.sealed, place);
      if (plain === undefined) {
        unreadable.push(place);
        continue;
      }
      const changed = await queries.query(
        `update ${table} set ${column} = $3 where ${key}::text = $1 and ${column} = $2 returning 1`,
        [row.key, row.sealed, box.seal(plain, place)],
      );
      resealed += changed.length;
    }
  }
  return { resealed, unreadable };
}

function openOrSkip(box: SecretBox, sealed: string, about: string): string | undefined {
  try {
    return box.open(sealed, about);
  } catch (error) {
    if (isBuilderError(error)) return undefined;
    throw error;
  }
}
