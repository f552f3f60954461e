import { join } from 'node:path';
import type { Hono } from 'hono';
import { createBlobHolds } from '../registry/blobs/blob-holds.ts';
import { openDiskBlobStore } from '../registry/blobs/disk-blob-store.ts';
import { openDiskBlobUploads } from '../registry/blobs/disk-blob-uploads.ts';
import { type Collection, collectGarbage } from '../registry/server/collect-garbage.ts';
import { createRegistryApp } from '../registry/server/create-registry-app.ts';
import type { Registry } from '../registry/server/registry.ts';
import { type RegistryIndex, type RegistryTotals, usualLeaseMs } from '../registry/server/registry-index.ts';
import { createRegistryMeter, type RegistryTraffic } from '../registry/server/registry-meter.ts';
import type { RegistryEnv } from '../registry/server/request-body.ts';
import { expiredRevisions, type RetentionRules } from '../registry/server/retention.ts';
import type { ServerOptions } from './start-server.ts';

export interface RegistryOptions extends Pick<ServerOptions, 'dataDir' | 'log'> {
  readonly index: RegistryIndex;
  /** Absent: everybody may do everything. */
  readonly authorize?: Registry['authorize'] | undefined;
  /** How long a blob that no repository has stays; as long as a lease unless told. */
  readonly minAgeMs?: number | undefined;
}

/** The registry that is part of the service. */
export interface EmbeddedRegistry {
  readonly app: Hono<RegistryEnv>;
  /** Deletes what nobody can pull any more; one collection at a time. */
  collect(options: { readonly isDryRun: boolean }): Promise<Collection>;
  /** Lets those revisions of a repository expire that no rule keeps, and tells how many; only counts in a dry run. */
  expire(repository: string, options: ExpiryOptions): Promise<number>;
  figures(): Promise<RegistryFigures>;
}

export interface ExpiryOptions {
  readonly rules: RetentionRules;
  /** The tag that is in force. */
  readonly current?: string | undefined;
  readonly isDryRun: boolean;
}

export interface RegistryFigures extends RegistryTotals, RegistryTraffic {
  /** Since the process began. */
  readonly collected: { readonly runs: number; readonly blobs: number; readonly bytes: number };
}

/** Opens the registry whose blobs lie in `<dataDir>/registry`. */
export async function openRegistry({
  dataDir,
  log,
  index,
  authorize,
  minAgeMs = usualLeaseMs,
}: RegistryOptions): Promise<EmbeddedRegistry> {
  const root = join(dataDir, 'registry');
  const meter = createRegistryMeter();
  const registry = {
    meter,
    blobs: await openDiskBlobStore(root),
    uploads: await openDiskBlobUploads(root),
    holds: createBlobHolds(),
    index,
    ...(authorize && { authorize }),
    onBug: (error: unknown) =>
      log(`registry: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
  };
  let last: Promise<unknown> = Promise.resolve();
  let collected = { runs: 0, blobs: 0, bytes: 0 };
  const record = (collection: Collection) => {
    const { runs, blobs, bytes } = collected;
    if (!collection.isDryRun) {
      collected = { runs: runs + 1, blobs: blobs + collection.blobs, bytes: bytes + collection.bytes };
    }
    return collection;
  };
  return {
    app: createRegistryApp(registry),
    collect({ isDryRun }) {
      const collection = last.then(() => collectGarbage(registry, { isDryRun, minAgeMs })).then(record);
      last = collection.catch(() => {});
      return collection;
    },
    async expire(repository, { rules, current, isDryRun }) {
      const revisions = await index.tags.revisions(repository);
      const expired = expiredRevisions(revisions, rules, { now: new Date(), current });
      if (!isDryRun) for (const revision of expired) await index.tags.expire(repository, revision);
      return expired.length;
    },
    figures: async () => ({ ...(await index.totals()), ...meter.traffic(), collected }),
  };
}
