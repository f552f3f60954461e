import { join } from 'node:path';
import type { Hono } from 'hono';
import { BuilderError, isBuilderError } from '../errors.ts';
import { createBlobHolds } from '../registry/blobs/blob-holds.ts';
import { openDiskBlobStore } from '../registry/blobs/disk-blob-store.ts';
import { openDiskBlobUploads } from '../registry/blobs/disk-blob-uploads.ts';
import type { RegistryClient } from '../registry/client/registry-client.ts';
import { checkOwner, setOwner } from '../registry/server/blob-owner.ts';
import { type Collection, collectGarbage } from '../registry/server/collect-garbage.ts';
import { createRegistryApp } from '../registry/server/create-registry-app.ts';
import { createLocalClient, type LocalClientOptions } from '../registry/server/local-client.ts';
import { openOldRegistryFiles } from '../registry/server/old-registry-files.ts';
import type { Registry } from '../registry/server/registry.ts';
import { type RegistryIndex, type RegistryTotals, usualLeaseMs } from '../registry/server/registry-index.ts';
import { createRegistryMeter, type RegistryTraffic } from '../registry/server/registry-meter.ts';
import type { RegistryEnv } from '../registry/server/request-body.ts';
import { expiredRevisions, type RetentionRules } from '../registry/server/retention.ts';
import { type TakeOver, takeOverFiles } from '../registry/server/take-over-files.ts';
import { say } from '../sentence.ts';
import type { ServerOptions } from './start-server.ts';

export interface RegistryOptions extends Pick<ServerOptions, 'dataDir' | 'log'>, Pick<Registry, 'maxRepositoryBytes'> {
  readonly index: RegistryIndex;
  /** Absent: everybody may do everything. */
  readonly authorize?: Registry['authorize'] | undefined;
  /** How long a blob that no repository has stays; as long as a lease unless told. */
  readonly minAgeMs?: number | undefined;
}

/** The registry that is part of the service. */
export interface EmbeddedRegistry {
  readonly app: Hono<RegistryEnv>;
  /** For callers in this process, who may do what they are let do. */
  clientFor(authorize: LocalClientOptions['authorize']): RegistryClient;
  /** Deletes what nobody can pull any more; one collection at a time. Throws `conflict` when it cannot be sure of that. */
  collect(options: CollectOptions): Promise<Collection>;
  /** Lets those revisions of a repository expire that no rule keeps, and tells how many; only counts in a dry run. */
  expire(repository: string, options: ExpiryOptions): Promise<number>;
  figures(): Promise<RegistryFigures>;
}

export interface CollectOptions {
  readonly isDryRun: boolean;
  /** Also when the blobs belong to another index: from now on they belong to this one. */
  readonly isForced?: boolean;
}

export interface ExpiryOptions extends CollectOptions {
  readonly rules: RetentionRules;
  /** The tag that is in force. */
  readonly current?: string | undefined;
}

export interface RegistryFigures extends RegistryTotals, RegistryTraffic {
  /** Since the process began. */
  readonly collected: { readonly runs: number; readonly blobs: number; readonly bytes: number };
}

/** Opens the registry whose blobs lie in `<dataDir>/registry`, and takes over what older versions kept there. */
export async function openRegistry({
  dataDir,
  log,
  index,
  authorize,
  maxRepositoryBytes,
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
    maxRepositoryBytes,
    ...(authorize && { authorize }),
    onBug: (error: unknown) =>
      log(`registry: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
  };
  await takeOver(root, { registry, log });
  await checkOwner(root, registry).catch((error) => {
    if (!isBuilderError(error, 'conflict')) throw error;
    log(`registry: ${error.message}. ${error.hint}`);
  });
  const checkSure = async ({ isDryRun, isForced }: CollectOptions) => {
    if (await openOldRegistryFiles(root).areThere()) throw notTakenOver();
    if (!isForced) await checkOwner(root, registry);
    else if (!isDryRun) await setOwner(root, index);
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
    clientFor: (authorize) => createLocalClient({ registry, authorize }),
    collect(options) {
      const { isDryRun } = options;
      const collection = last.then(async () => {
        await checkSure(options);
        return record(await collectGarbage(registry, { isDryRun, minAgeMs }));
      });
      last = collection.catch(() => {});
      return collection;
    },
    async expire(repository, options) {
      const { rules, current, isDryRun } = options;
      await checkSure(options);
      const revisions = await index.tags.revisions(repository);
      const expired = expiredRevisions(revisions, rules, { now: new Date(), current });
      if (!isDryRun) for (const revision of expired) await index.tags.expire(repository, revision);
      return expired.length;
    },
    figures: async () => ({ ...(await index.totals()), ...meter.traffic(), collected }),
  };
}

const mostLeftTold = 20;

async function takeOver(
  root: string,
  { registry, log }: { readonly registry: Parameters<typeof takeOverFiles>[1] } & Pick<RegistryOptions, 'log'>,
): Promise<void> {
  const taken = await takeOverFiles(root, registry, () =>
    log('registry: taking over what an older version kept in files; it serves when that is done'),
  );
  if (taken !== undefined) for (const line of linesOf(taken, root)) log(`registry: ${line}`);
}

function linesOf({ repositories, manifests, tags, left }: TakeOver, root: string): readonly string[] {
  const counts = `repositories: ${repositories}, manifests: ${manifests}, tags: ${tags}`;
  const told = [`took over ${counts}`];
  if (left.length === 0) return told;
  const more = left.length - mostLeftTold;
  return [
    ...told,
    ...left.slice(0, mostLeftTold).map((each) => `could not take over ${each}`),
    ...(more > 0 ? [`and ${more} more`] : []),
    `nothing is collected until a start takes these files over; mend or remove them in ${root}`,
  ];
}

function notTakenOver(): BuilderError {
  return new BuilderError('conflict', say`There are files of an older version to be taken over: nothing is deleted`, {
    hint: say`See to it that no older version runs, and start again; the log then names what cannot be taken over.`,
  });
}
