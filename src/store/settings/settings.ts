import { BuilderError } from '../../errors.ts';
import { say } from '../../sentence.ts';
import { json, type Queries } from '../database.ts';

/** What an administrator has set of one subject. */
export interface StoredSetting<T> {
  readonly value: T;
  /** Secrets, sealed for `settingAbout(key)`. */
  readonly sealed: string | null;
  readonly version: number;
  readonly updatedBy: string;
  readonly updatedAt: Date;
}

const columns = 'value, sealed, version, updated_by as "updatedBy", updated_at as "updatedAt"';

/** What the secrets of a setting are sealed for. */
export function settingAbout(key: string): string {
  return `setting/${key}`;
}

export async function readSetting<T>(queries: Queries, key: string): Promise<StoredSetting<T> | undefined> {
  const sql = `select ${columns} from settings where key = $1`;
  return (await queries.query<StoredSetting<T> & Record<string, unknown>>(sql, [key]))[0];
}

export interface SettingChange<T> {
  readonly key: string;
  readonly value: T;
  readonly sealed: string | null;
  readonly by: string;
  /** The version that the change was made from, 0 for none; `undefined` to write over whatever stands there. */
  readonly version: number | undefined;
}

/** Throws `conflict` when it was changed since that version. */
export async function writeSetting<T>(
  queries: Queries,
  { key, value, sealed, by, version }: SettingChange<T>,
): Promise<StoredSetting<T>> {
  const [row] = await queries.query<StoredSetting<T> & Record<string, unknown>>(
    `insert into settings (key, value, sealed, updated_by) select $1::text, $2::jsonb, $3::text, $4::text where coalesce($5::int, 0) = 0
       or exists (select 1 from settings where key = $1)
     on conflict (key) do update set value = excluded.value, sealed = excluded.sealed, version = settings.version + 1,
       updated_by = excluded.updated_by, updated_at = now()
     where $5::int is null or settings.version = $5
     returning ${columns}`,
    [key, json(value), sealed, by, version ?? null],
  );
  if (row !== undefined) return row;
  throw new BuilderError('conflict', say`The settings were changed since you read them`, {
    hint: say`Read them again and make your change anew.`,
  });
}

/** True when there was one. */
export async function deleteSetting(queries: Queries, key: string): Promise<boolean> {
  return (await queries.query('delete from settings where key = $1 returning 1', [key])).length > 0;
}
