import { BuilderError } from '../errors.ts';
import { say } from '../sentence.ts';
import type { SpecText } from '../spec/spec-text.ts';
import { countRows } from './count-rows.ts';
import { json, type Queries, violates } from './database.ts';
import type { JobProgress, JobState } from './jobs.ts';
import { listRows } from './list-rows.ts';

/** What may be set of an image, besides its name and kind. */
export interface ImageFields {
  readonly displayName: string;
  readonly description: string;
  readonly type: 'cpu' | 'gpu' | 'universal';
  readonly isGlobal: boolean;
  /** Groups that see it. */
  readonly groups: readonly string[];
  /** The group whose administrators own it; `null` for one of the platform's. */
  readonly ownerGroup: string | null;
  readonly spec: SpecText | null;
  readonly url: string | null;
  readonly gpuUrl: string | null;
  readonly pullSecret: string | null;
}

export interface NewImage extends ImageFields {
  readonly name: string;
  readonly kind: 'custom' | 'existing';
  readonly createdBy: string;
}

export interface StoredImage extends NewImage {
  readonly id: string;
  /** Counts changes, from 1. */
  readonly version: number;
  /** Of the latest build that succeeded. */
  readonly readyRevision: string | null;
  readonly readyUrl: string | null;
  readonly latestJobId: string | null;
  readonly latestJobState: JobState | null;
  /** How far it is, while it runs. */
  readonly latestJobProgress: JobProgress | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly deletedAt: Date | null;
}

const listColumns = `i.id, i.name, i.kind, i.display_name as "displayName", i.description, i.type, i.is_global as "isGlobal", i.groups,
  i.owner_group as "ownerGroup", i.spec, i.url, i.gpu_url as "gpuUrl", i.pull_secret as "pullSecret", i.version,
  i.ready_revision as "readyRevision", i.ready_url as "readyUrl", i.latest_job_id as "latestJobId", i.latest_job_state as "latestJobState",
  i.created_by as "createdBy", i.created_at as "createdAt", i.updated_at as "updatedAt", i.deleted_at as "deletedAt"`;

const columns = `${listColumns}, (select j.progress from jobs j where j.id = i.latest_job_id) as "latestJobProgress"`;

/** Throws `conflict` when an image has the name. */
export async function insertImage(queries: Queries, image: NewImage): Promise<StoredImage> {
  const { name, kind, displayName, description, type, isGlobal, groups, ownerGroup, spec, url, gpuUrl, pullSecret } =
    image;
  try {
    const rows = await queries.query<{ id: string }>(
      `insert into images (name, kind, display_name, description, type, is_global, groups, owner_group, spec, url, gpu_url, pull_secret,
         created_by)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) returning id`,
      [
        ...[
          name,
          kind,
          displayName,
          description,
          type,
          isGlobal,
          [...groups],
          ownerGroup,
          json(spec),
          url,
          gpuUrl,
          pullSecret,
        ],
        image.createdBy,
      ],
    );
    return (await findImageById(queries, rows[0]!.id))!;
  } catch (error) {
    if (!violates(error, 'images_name')) throw error;
    throw new BuilderError('conflict', say`There is an image called "${name}" already`, {
      hint: say`Choose another name, or edit that image.`,
      cause: error,
      problems: [
        { field: 'name', code: 'name-taken', message: say`"${name}" is taken`, hint: say`Choose another name.` },
      ],
    });
  }
}

/** The image of that name, if it is not deleted. */
export async function findImage(queries: Queries, name: string): Promise<StoredImage | undefined> {
  const sql = `select ${columns} from images i where i.name = $1 and i.deleted_at is null`;
  return (await queries.query<StoredImage & Record<string, unknown>>(sql, [name]))[0];
}

/** Whose the name is: of the image that has it, else of the one that had it last. */
export async function findImageEverNamed(
  queries: Queries,
  name: string,
): Promise<Pick<StoredImage, 'ownerGroup' | 'groups' | 'isGlobal'> | undefined> {
  const [found] = await queries.query<
    Pick<StoredImage, 'ownerGroup' | 'groups' | 'isGlobal'> & Record<string, unknown>
  >(
    `select owner_group as "ownerGroup", groups, is_global as "isGlobal" from images where name = $1
     order by deleted_at desc nulls first limit 1`,
    [name],
  );
  return found;
}

/** Every name that an image has or had, with the revision in force, if there is one. */
export async function listRevisionsInForce(
  queries: Queries,
): Promise<readonly { readonly name: string; readonly revision: string | null }[]> {
  return queries.query(
    `select name, (array_agg(ready_revision) filter (where deleted_at is null))[1] as revision
     from images group by name order by name`,
  );
}

/** Deleted ones too. */
export async function findImageById(queries: Queries, id: string): Promise<StoredImage | undefined> {
  const sql = `select ${columns} from images i where i.id = $1`;
  return (await queries.query<StoredImage & Record<string, unknown>>(sql, [id]))[0];
}

/** Keeps others from changing the image until the transaction ends. */
export async function holdImage(queries: Queries, id: string): Promise<void> {
  await queries.query('select 1 from images where id = $1 for update', [id]);
}

/** Sets all fields of an image that is still at that version; `undefined` when it is not. */
export async function updateImage(
  queries: Queries,
  { id, version }: Pick<StoredImage, 'id' | 'version'>,
  fields: ImageFields,
): Promise<StoredImage | undefined> {
  const { displayName, description, type, isGlobal, groups, ownerGroup, spec, url, gpuUrl, pullSecret } = fields;
  const updated = await queries.query(
    `update images set display_name = $3, description = $4, type = $5, is_global = $6, groups = $7, owner_group = $8, spec = $9,
       url = $10, gpu_url = $11, pull_secret = $12, version = version + 1, updated_at = now()
     where id = $1 and version = $2 and deleted_at is null returning id`,
    [
      id,
      version,
      displayName,
      description,
      type,
      isGlobal,
      [...groups],
      ownerGroup,
      json(spec),
      url,
      gpuUrl,
      pullSecret,
    ],
  );
  return updated.length === 0 ? undefined : findImageById(queries, id);
}

/** Notes what can be pulled now. */
export async function setReady(
  queries: Queries,
  id: string,
  { revision, url }: { readonly revision: string; readonly url: string },
): Promise<void> {
  const sql = 'update images set ready_revision = $2, ready_url = $3, updated_at = now() where id = $1';
  await queries.query(sql, [id, revision, url]);
}

/** Frees the name; jobs and logs stay. */
export async function markImageDeleted(queries: Queries, id: string): Promise<void> {
  await queries.query('update images set deleted_at = now(), updated_at = now() where id = $1', [id]);
}

/** The images that were deleted longer ago than that, with their jobs. */
export function listLongDeleted(
  queries: Queries,
  keepDeletedMs: number,
): Promise<{ readonly id: string; readonly jobIds: readonly string[] }[]> {
  return queries.query(
    `select i.id, array(select j.id::text from jobs j where j.image_id = i.id) as "jobIds" from images i
     where i.deleted_at < now() - $1 * interval '1 millisecond'`,
    [keepDeletedMs],
  );
}

/** Removes an image with its jobs and revisions. */
export async function forgetImage(queries: Queries, id: string): Promise<void> {
  await queries.query('delete from images where id = $1', [id]);
}

/** Whose images a person sees: all of them, or the global ones and those of groups. */
export type Viewer = 'all' | { readonly groups: readonly string[] };

/** The condition under which an image `i` is seen by people of the groups in that parameter. */
export function visibleTo(groups: string): string {
  return `(i.is_global or i.groups && ${groups}::text[] or i.owner_group = any(${groups}::text[]))`;
}

export interface ImageQuery {
  /** Part of a name or display name. */
  readonly search?: string | undefined;
  readonly type?: ImageFields['type'] | undefined;
  readonly kind?: NewImage['kind'] | undefined;
  readonly state?: JobState | undefined;
  readonly group?: string | undefined;
  readonly createdBy?: string | undefined;
  readonly sort: 'name' | 'displayName' | 'type' | 'state' | 'updatedAt';
  readonly descending: boolean;
  readonly page: number;
  readonly pageSize: number;
}

const sortColumns: Readonly<Record<ImageQuery['sort'], string>> = {
  name: 'i.name',
  displayName: 'lower(i.display_name)',
  type: 'i.type',
  state: 'i.latest_job_state',
  updatedAt: 'i.updated_at',
};

/** One page of the images that are not deleted, and how many there are in all. */
export async function listImages(
  queries: Queries,
  viewer: Viewer,
  query: ImageQuery,
): Promise<{ readonly items: readonly StoredImage[]; readonly total: number }> {
  const values: unknown[] = [];
  const value = (given: unknown) => `$${values.push(given)}`;
  const where = ['i.deleted_at is null'];
  if (viewer !== 'all') where.push(visibleTo(value([...viewer.groups])));
  if (query.search) {
    where.push(`i.search_text like ${value(`%${query.search.toLowerCase().replaceAll(/[\\%_]/g, '\\$&')}%`)}`);
  }
  if (query.type) where.push(`i.type = ${value(query.type)}`);
  if (query.kind) where.push(`i.kind = ${value(query.kind)}`);
  if (query.state) where.push(`i.latest_job_state = ${value(query.state)}`);
  if (query.group) {
    const group = value(query.group);
    where.push(`(${group} = any(i.groups) or i.owner_group = ${group})`);
  }
  if (query.createdBy) where.push(`i.created_by = ${value(query.createdBy)}`);
  const condition = where.join(' and ');
  const from = `images i where ${condition}`;
  const filterValues = [...values];
  const direction = query.descending ? 'desc' : 'asc';
  // Both in one direction, as the indexes have it.
  const order = `${sortColumns[query.sort]} ${direction}${query.sort === 'name' ? '' : `, i.id ${direction}`}`;
  const page = `limit ${value(query.pageSize)} offset ${value((query.page - 1) * query.pageSize)}`;
  // The rows are wide: which they are is found in the indexes first.
  const listed = await listRows<ListedImage>(queries, {
    sql: `select ${listColumns} from images i where i.id = any(array(select i.id from ${from} order by ${order} ${page})) order by ${order}`,
    values,
    dates: ['createdAt', 'updatedAt', 'deletedAt'],
  });
  const items = await withProgress(queries, listed);
  const { page: number, pageSize } = query;
  const total = await countRows(queries, { page: number, pageSize, found: items.length, from, values: filterValues });
  return { items, total };
}

type ListedImage = Omit<StoredImage, 'latestJobProgress'>;

/** Few of many images are being built. */
async function withProgress(queries: Queries, images: readonly ListedImage[]): Promise<StoredImage[]> {
  const underWay = images.filter(({ latestJobState: state }) => state === 'Preparing' || state === 'Running');
  const rows =
    underWay.length === 0
      ? []
      : await queries.query<{ id: string; progress: JobProgress | null }>(
          'select id, progress from jobs where id = any($1::uuid[])',
          [underWay.map(({ latestJobId }) => latestJobId)],
        );
  const progress = new Map(rows.map((row) => [row.id, row.progress]));
  return images.map((image) => ({ ...image, latestJobProgress: progress.get(image.latestJobId ?? '') ?? null }));
}
