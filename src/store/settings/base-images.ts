import { BuilderError } from '../../errors.ts';
import { say } from '../../sentence.ts';
import { type Queries, violates } from '../database.ts';
import { type ImageFields, type Viewer, visibleTo } from '../images.ts';

/** What an administrator offers to build upon. */
export interface StoredBaseImage {
  readonly id: string;
  /** `registry.example.com/python:3.12` */
  readonly reference: string;
  readonly name: string;
  readonly description: string;
  readonly type: ImageFields['type'];
  readonly pullSecret: string | null;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** One line of the pick list: a registered base, or an image that is ready. */
export interface BaseChoice
  extends Pick<StoredBaseImage, 'reference' | 'name' | 'description' | 'type' | 'pullSecret'> {
  /** Of a registered base. */
  readonly id: string | null;
  readonly source: 'registered' | 'image';
  /** Of an image: the group that owns it; `null` for the platform's. */
  readonly ownerGroup: string | null;
}

const columns = `id, reference, name, description, type, pull_secret as "pullSecret", created_by as "createdBy",
  created_at as "createdAt", updated_at as "updatedAt"`;

type BaseRow = StoredBaseImage & Record<string, unknown>;

export type NewBaseImage = Omit<StoredBaseImage, 'id' | 'createdAt' | 'updatedAt'>;

/** Throws `conflict` when the reference is registered already. */
export async function insertBaseImage(queries: Queries, base: NewBaseImage): Promise<StoredBaseImage> {
  const { reference, name, description, type, pullSecret, createdBy } = base;
  const sql = `insert into base_images (reference, name, description, type, pull_secret, created_by)
    values ($1, $2, $3, $4, $5, $6) returning ${columns}`;
  const values = [reference, name, description, type, pullSecret, createdBy];
  return (await queries.query<BaseRow>(sql, values).catch(throwTaken(reference)))[0]!;
}

export async function findBaseImage(queries: Queries, id: string): Promise<StoredBaseImage | undefined> {
  return (await queries.query<BaseRow>(`select ${columns} from base_images where id = $1`, [id]))[0];
}

export type BaseImageChange = Partial<Omit<NewBaseImage, 'createdBy'>>;

/** Changes what is named. Throws `conflict` when the reference is registered already, and `not-found`. */
export async function updateBaseImage(
  queries: Queries,
  base: StoredBaseImage,
  change: BaseImageChange,
): Promise<StoredBaseImage> {
  const { id, reference, name, description, type, pullSecret } = { ...base, ...change };
  const sql = `update base_images set reference = $2, name = $3, description = $4, type = $5, pull_secret = $6, updated_at = now()
    where id = $1 returning ${columns}`;
  const values = [id, reference, name, description, type, pullSecret];
  const [row] = await queries.query<BaseRow>(sql, values).catch(throwTaken(reference));
  if (row === undefined) throw new BuilderError('not-found', say`The base image was deleted meanwhile`);
  return row;
}

/** True when there was one. */
export async function deleteBaseImage(queries: Queries, id: string): Promise<boolean> {
  return (await queries.query('delete from base_images where id = $1 returning 1', [id])).length > 0;
}

export interface BaseQuery {
  /** Part of a name, reference or description. */
  readonly search?: string | undefined;
  readonly type?: ImageFields['type'] | undefined;
  readonly source?: BaseChoice['source'] | undefined;
  readonly page: number;
  readonly pageSize: number;
}

/** One page of the pick list: registered bases first, then the images that are ready and that the viewer sees. */
export async function listBaseChoices(
  queries: Queries,
  viewer: Viewer,
  { search = '', type, source, page, pageSize }: BaseQuery,
): Promise<{ readonly items: readonly BaseChoice[]; readonly total: number }> {
  const from = `(
    select id::text as id, 'registered' as source, reference, name, description, type, pull_secret as "pullSecret",
      null as "ownerGroup", 0 as rank from base_images
    union all
    select null, 'image', coalesce(i.ready_url, i.url), coalesce(nullif(i.display_name, ''), i.name), i.description, i.type,
      -- The secret of a custom image is for its own base, not for what was made of it.
      case when i.kind = 'existing' then i.pull_secret end, i.owner_group, 1
    from images i where i.deleted_at is null and coalesce(i.ready_url, i.url) is not null
      and ($1::text[] is null or ${visibleTo('$1')})
  ) choices where (name ilike $2 or reference ilike $2 or description ilike $2)
    and ($3::text is null or type = $3) and ($4::text is null or source = $4)`;
  const pattern = `%${search.replaceAll(/[\\%_]/g, '\\$&')}%`;
  const values = [viewer === 'all' ? null : [...viewer.groups], pattern, type ?? null, source ?? null];
  const [counted] = await queries.query<{ total: number }>(`select count(*)::int as total from ${from}`, values);
  const items = await queries.query<BaseChoice & Record<string, unknown>>(
    `select id, source, reference, name, description, type, "pullSecret", "ownerGroup" from ${from}
     order by rank, lower(name), reference limit $5 offset $6`,
    [...values, pageSize, (page - 1) * pageSize],
  );
  return { items, total: counted!.total };
}

function throwTaken(reference: string): (error: unknown) => never {
  return (error) => {
    if (!violates(error, 'base_images_reference_key')) throw error;
    throw new BuilderError('conflict', say`${reference} is registered as a base image already`, {
      hint: say`Change that one.`,
      problems: [{ field: 'reference', code: 'reference-taken', message: say`${reference} is registered already` }],
    });
  };
}
