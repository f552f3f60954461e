import type { Lock } from '../lock/lock.ts';
import type { Queries } from './database.ts';
import type { JobSpec } from './jobs.ts';

/** What was built once and can be pulled. */
export interface StoredRevision {
  readonly revision: string;
  /** Counts the revisions of an image, from 1. */
  readonly number: number;
  readonly jobId: string;
  readonly spec: JobSpec;
  readonly lock: Lock;
  readonly lockDigest: string;
  readonly imageUrl: string;
  readonly digest: string;
  readonly createdAt: Date;
}

const columns = `revision, number, job_id as "jobId", spec, lock, lock_digest as "lockDigest", image_url as "imageUrl", digest,
  created_at as "createdAt"`;

type RevisionRow = StoredRevision & Record<string, unknown>;

/** One page, the newest first. */
export async function listRevisions(
  queries: Queries,
  imageId: string,
  { page, pageSize }: { readonly page: number; readonly pageSize: number },
): Promise<{ readonly items: readonly StoredRevision[]; readonly total: number }> {
  const [counted] = await queries.query<{ total: number }>(
    'select count(*)::int as total from revisions where image_id = $1',
    [imageId],
  );
  const items = await queries.query<RevisionRow>(
    `select ${columns} from revisions where image_id = $1 order by number desc limit $2 offset $3`,
    [imageId, pageSize, (page - 1) * pageSize],
  );
  return { items, total: counted!.total };
}

export async function findRevision(
  queries: Queries,
  imageId: string,
  revision: string,
): Promise<StoredRevision | undefined> {
  const sql = `select ${columns} from revisions where image_id = $1 and revision = $2`;
  return (await queries.query<RevisionRow>(sql, [imageId, revision]))[0];
}
