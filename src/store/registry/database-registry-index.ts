import type { Descriptor } from '../../oci/descriptor.ts';
import { type Digest, parseDigest } from '../../oci/digest.ts';
import {
  type BlobLinks,
  type Deletion,
  type Garbage,
  type ManifestEntries,
  type RegistryIndex,
  type RegistryIndexOptions,
  type RegistryTotals,
  type Tags,
  usualLeaseMs,
} from '../../registry/server/registry-index.ts';
import { type Database, json, violates } from '../database.ts';
import { createBatched } from './batched.ts';

/** A `RegistryIndex` in the database of everything else. */
export function createDatabaseRegistryIndex(
  database: Database,
  { leaseMs = usualLeaseMs }: RegistryIndexOptions = {},
): RegistryIndex {
  return {
    blobs: blobLinks(database, leaseMs),
    manifests: manifestEntries(database),
    tags: tags(database),
    garbage: garbage(database),
    async id() {
      const [row] = await database.query<{ id: string }>('select id from registry_identity');
      return row!.id;
    },
    async totals() {
      const [row] = await database.query<RegistryTotals & Record<string, unknown>>(totalsSql);
      return row!;
    },
  };
}

const inMs = (parameter: string) => `now() + ${parameter} * interval '1 millisecond'`;

interface BlobLease {
  readonly repository: string;
  readonly digest: Digest;
}

type LeaseState = 'held' | 'ending' | 'missing';

/** Pulls ask this for each blob, often many at once. */
async function leaseStates(
  database: Database,
  leases: readonly BlobLease[],
  leaseMs: number,
): Promise<readonly LeaseState[]> {
  const rows = await database.query<{ state: LeaseState }>(
    `select case when b.digest is null then 'missing' when b.leased_until < ${inMs('$3')} then 'ending' else 'held' end as state
     from unnest($1::text[], $2::text[]) with ordinality as asked (repository, digest, number)
     left join registry_blobs b on b.repository = asked.repository and b.digest = asked.digest order by asked.number`,
    [leases.map(({ repository }) => repository), leases.map(({ digest }) => digest), leaseMs / 2],
  );
  return rows.map(({ state }) => state);
}

function blobLinks(database: Database, leaseMs: number): BlobLinks {
  const stateOf = createBatched((leases: readonly BlobLease[]) => leaseStates(database, leases, leaseMs));
  return {
    async lease(repository, digests) {
      const states = await Promise.all(digests.map((digest) => stateOf({ repository, digest })));
      const kept = digests.filter((_, index) => states[index] === 'held');
      const ending = digests.filter((_, index) => states[index] === 'ending');
      if (ending.length === 0) return new Set(kept);
      // Locked in one order, so that two pushes of the same do not wait for each other.
      const renewed = await database.query<{ digest: Digest }>(
        `with held as (select digest from registry_blobs where repository = $1 and digest = any($2) order by digest for update)
         update registry_blobs b set leased_until = ${inMs('$3')} from held
         where b.repository = $1 and b.digest = held.digest returning b.digest`,
        [repository, ending, leaseMs],
      );
      return new Set([...kept, ...renewed.map(({ digest }) => digest)]);
    },
    async add(repository, { digest, sizeBytes }) {
      await database.query(
        `insert into registry_blobs (repository, digest, size, leased_until) values ($1, $2, $3, ${inMs('$4')})
         on conflict (repository, digest) do update set leased_until = excluded.leased_until`,
        [repository, digest, sizeBytes, leaseMs],
      );
    },
    delete: (repository, digest) =>
      deletionOf('registry_manifest_blobs_blob', () =>
        database.query('delete from registry_blobs where repository = $1 and digest = $2 returning 1', [
          repository,
          digest,
        ]),
      ),
    async repositoriesOf(digest, limit) {
      const sql = 'select repository from registry_blobs where digest = $1 order by leased_until desc limit $2';
      return (await database.query<{ repository: string }>(sql, [digest, limit])).map(({ repository }) => repository);
    },
    async sizeOf(repository) {
      const sql = 'select coalesce(sum(size), 0)::bigint as bytes from registry_blobs where repository = $1';
      const [row] = await database.query<{ bytes: number }>(sql, [repository]);
      return row!.bytes;
    },
  };
}

function manifestEntries(database: Database): ManifestEntries {
  return {
    async get(repository, digest) {
      const [row] = await database.query<{ descriptor: Descriptor; subject: string | null }>(
        'select descriptor, subject from registry_manifests where repository = $1 and digest = $2',
        [repository, digest],
      );
      return row && { descriptor: row.descriptor, ...(row.subject !== null && { subject: parseDigest(row.subject) }) };
    },
    async put(repository, { entry, blobs, manifests, tags }) {
      const { descriptor, subject = null } = entry;
      const { digest } = descriptor;
      try {
        await database.transaction(async (tx) => {
          await tx.query(
            `insert into registry_manifests (repository, digest, descriptor, subject) values ($1, $2, $3, $4)
             on conflict (repository, digest) do update set descriptor = excluded.descriptor, pushed_at = now()`,
            [repository, digest, json(descriptor), subject],
          );
          if (blobs.length > 0) await tx.query(insertNeeded('registry_manifest_blobs'), [repository, digest, blobs]);
          if (manifests.length > 0)
            await tx.query(insertNeeded('registry_index_manifests'), [repository, digest, manifests]);
          if (tags.length > 0) await tx.query(setTags, [repository, digest, tags]);
        });
        return true;
      } catch (error) {
        const isGone = ['registry_manifest_blobs_blob', 'registry_index_manifests_manifest'];
        if (isGone.some((constraint) => violates(error, constraint))) return false;
        throw error;
      }
    },
    delete: (repository, digest) =>
      deletionOf('registry_index_manifests_manifest', () =>
        database.query('delete from registry_manifests where repository = $1 and digest = $2 returning 1', [
          repository,
          digest,
        ]),
      ),
    async referrersOf(repository, subject) {
      const rows = await database.query<{ descriptor: Descriptor }>(
        'select descriptor from registry_manifests where repository = $1 and subject = $2 order by digest',
        [repository, subject],
      );
      return rows.map(({ descriptor }) => descriptor);
    },
    async notePull(repository, digest) {
      // To the hour is fine, and a pull should not have to write.
      await database.query(
        `update registry_manifests set pulled_at = now()
         where repository = $1 and digest = $2 and (pulled_at is null or pulled_at < now() - interval '1 hour')`,
        [repository, digest],
      );
    },
  };
}

/** Sorted, so that two pushes at once lock in one order. */
const insertNeeded = (table: string) =>
  `insert into ${table} select $1, $2, needed from unnest($3::text[]) needed order by needed collate "C" on conflict do nothing`;

const setTags = `insert into registry_tags (repository, tag, digest) select $1, tag, $2 from unnest($3::text[]) tag order by tag collate "C"
  on conflict (repository, tag) do update set digest = excluded.digest, tagged_at = now()`;

function tags(database: Database): Tags {
  return {
    async get(repository, tag) {
      const sql = 'select digest from registry_tags where repository = $1 and tag = $2';
      return (await database.query<{ digest: Digest }>(sql, [repository, tag]))[0]?.digest;
    },
    async delete(repository, tag) {
      const sql = 'delete from registry_tags where repository = $1 and tag = $2 returning 1';
      return (await database.query(sql, [repository, tag])).length > 0;
    },
    async list(repository, { after = '', limit }) {
      const rows = await database.query<{ tag: string }>(
        'select tag from registry_tags where repository = $1 and tag > $2 order by tag limit $3',
        [repository, after, limit],
      );
      if (rows.length === 0 && !(await isRepository(database, repository))) return undefined;
      return rows.map(({ tag }) => tag);
    },
    async revisions(repository) {
      const rows = await database.query<RevisionRow>(
        `select t.tag, t.digest, t.tagged_at as "taggedAt", m.pulled_at as "pulledAt"
         from registry_tags t join registry_manifests m using (repository, digest) where repository = $1 order by t.tag`,
        [repository],
      );
      return rows.map(({ pulledAt, ...revision }) => ({ ...revision, ...(pulledAt !== null && { pulledAt }) }));
    },
    expire: (repository, { tag, digest, taggedAt }) =>
      database.transaction(async (tx) => {
        // A time comes with milliseconds, and is kept finer.
        const gone = await tx.query(
          `delete from registry_tags where repository = $1 and tag = $2 and digest = $3
             and date_trunc('milliseconds', tagged_at) = date_trunc('milliseconds', $4::timestamptz) returning 1`,
          [repository, tag, digest, taggedAt],
        );
        if (gone.length === 0) return false;
        await tx.query(
          `delete from registry_manifests m where repository = $1 and digest = $2
             and not exists (select 1 from registry_tags t where t.repository = $1 and t.digest = $2)
             and not exists (select 1 from registry_index_manifests i where i.repository = $1 and i.manifest = $2)`,
          [repository, digest],
        );
        return true;
      }),
  };
}

interface RevisionRow extends Record<string, unknown> {
  readonly tag: string;
  readonly digest: Digest;
  readonly taggedAt: Date;
  readonly pulledAt: Date | null;
}

async function isRepository(database: Database, name: string): Promise<boolean> {
  const [row] = await database.query<{ is: boolean }>(
    `select exists (select 1 from registry_blobs where repository = $1)
       or exists (select 1 from registry_manifests where repository = $1) as is`,
    [name],
  );
  return row!.is;
}

const isUnused = `b.leased_until < now() and not exists
  (select 1 from registry_manifest_blobs m where m.repository = b.repository and m.blob = b.digest)`;

function garbage(database: Database): Garbage {
  return {
    async dropLinks({ isDryRun }) {
      const sql = isDryRun
        ? `select count(*)::int as count from registry_blobs b where ${isUnused}`
        : `with gone as (delete from registry_blobs b where ${isUnused} returning 1) select count(*)::int as count from gone`;
      const [row] = await database.query<{ count: number }>(sql).catch((error) => {
        // A manifest came in meanwhile that needs one of them: they are looked at again the next time.
        if (violates(error, 'registry_manifest_blobs_blob')) return [{ count: 0 }];
        throw error;
      });
      return row!.count;
    },
    async unneededOf(digests, { isDryRun }) {
      const rows = await database.query<{ digest: Digest }>(
        `select digest from unnest($1::text[]) digest
         where not exists (select 1 from registry_manifests m where m.digest = digest.digest)
           and not exists (select 1 from registry_blobs b where b.digest = digest.digest and not ($2 and ${isUnused}))`,
        [digests, isDryRun],
      );
      return rows.map(({ digest }) => digest);
    },
  };
}

const totalsSql = `select
  (select count(distinct repository)::int from (select repository from registry_blobs union select repository from registry_manifests) r)
    as repositories,
  (select count(*)::int from registry_manifests) as manifests, (select count(*)::int from registry_tags) as tags,
  (select coalesce(sum(size), 0)::bigint from registry_blobs) as "linkedBytes",
  coalesce(sum(size), 0)::bigint as "distinctBytes", count(*)::int as "distinctBlobs"
  from (select distinct on (digest) size from registry_blobs) d`;

/** Tells what became of a `delete … returning 1` that a constraint may forbid. */
async function deletionOf(constraint: string, run: () => Promise<readonly unknown[]>): Promise<Deletion> {
  try {
    return (await run()).length > 0 ? 'deleted' : 'missing';
  } catch (error) {
    if (violates(error, constraint)) return 'needed';
    throw error;
  }
}
