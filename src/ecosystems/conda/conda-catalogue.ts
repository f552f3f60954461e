import { join } from 'node:path';
import type { HttpClient } from '../../http/http-client.ts';
import type { ThreadPool } from '../../threads/thread-pool.ts';
import type { BackgroundWork } from '../catalogue/background-work.ts';
import { findNames } from '../catalogue/find-names.ts';
import { ageOf, maxListAgeMs } from '../catalogue/list-age.ts';
import { writeNameList } from '../catalogue/name-list.ts';
import type { PackageCatalogue } from '../catalogue/package-catalogue.ts';
import {
  type Channel,
  type CondaChannels,
  channelsFrom,
  channelsNamed,
  usualChannels,
  withChannelCredentials,
} from './channels.ts';
import { compareVersions } from './compare-versions.ts';
import { openRepodataIndex } from './repodata/repodata-index.ts';
import { openRepodataStore, repodataDirectory } from './repodata/repodata-store.ts';
import { createShardStore } from './repodata/shard-store.ts';
import { createSolver } from './solve/solver.ts';

export interface CondaCatalogueOptions {
  readonly cacheDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly http: HttpClient;
  /** Where repodata is indexed. */
  readonly solverThreads: ThreadPool;
  /** In place of the channels that the environment names. */
  readonly channels?: CondaChannels | undefined;
  /** What conda calls the machines that images are for: `linux-64`. */
  readonly platform: string;
  /** The channel that a line takes its package from: `pytorch::`. */
  readonly channel?: string | undefined;
  /** Channels that lines put before those that are set up: `-c pytorch`. */
  readonly added?: readonly string[];
  readonly background: BackgroundWork;
}

/** One subdirectory of a channel, and where it lies. */
interface Subdir {
  readonly channel: Channel;
  readonly subdir: string;
  readonly directory: string;
}

/** Conda packages, by the repodata that a solve keeps. */
export function createCondaCatalogue(options: CondaCatalogueOptions): PackageCatalogue {
  const { cacheDir, env, background } = options;
  const channels = options.channels ?? channelsFrom(env);
  const http = withChannelCredentials(options.http, channels);
  const fetchShard = createShardStore({ cacheDir, http });
  const subdirs = requested(channels, options).flatMap((channel) =>
    [options.platform, 'noarch'].map(
      (subdir): Subdir => ({ channel, subdir, directory: repodataDirectory(channel, subdir, cacheDir) }),
    ),
  );

  /** A channel that lacks one of them has the others. */
  async function listNames({ channel, subdir, directory }: Subdir, signal: AbortSignal): Promise<void> {
    using solver = createSolver({ threads: options.solverThreads, fetchShard });
    const store = openRepodataStore({ cacheDir, http, index: solver.index });
    const isThere = (await store.directoryOf(channel, subdir, { fresh: false, signal })) !== undefined;
    const names = isThere ? await namesIn(directory) : [];
    await writeNameList(
      namesFile(directory),
      names.map((name) => ({ name })),
    );
  }

  return {
    async names(written, wanted) {
      const lists = await Promise.all(
        subdirs.map(async (subdir) => {
          const file = namesFile(subdir.directory);
          const age = await ageOf(file);
          const isOnItsWay =
            age >= maxListAgeMs && background.start(`names: ${file}`, (signal) => listNames(subdir, signal));
          return { file, isComing: isOnItsWay && age === Number.POSITIVE_INFINITY };
        }),
      );
      const files = lists.map(({ file }) => file);
      const found = await findNames({ ...wanted, written: spelling(written), files, spelling });
      return { ...found, isComing: lists.some(({ isComing }) => isComing) };
    },
    async versions(name, signal) {
      const found = await Promise.all(
        subdirs.map(async ({ channel, subdir, directory }) => {
          if ((await ageOf(join(directory, 'index.json'))) === Number.POSITIVE_INFINITY) return [];
          await using index = await openRepodataIndex(directory, {
            url: `${channel.url}${subdir}/`,
            fetchShard: (wanted) => fetchShard(wanted, signal),
          });
          return (await index.load(spelling(name))).map(([, { version }]) => version);
        }),
      );
      return [...new Set(found.flat())].sort((a, b) => compareVersions(b, a));
    },
  };
}

/** Those that a solve of the line would look in; none where its channel is not allowed. */
function requested(channels: CondaChannels, { channel, added = [] }: CondaCatalogueOptions): readonly Channel[] {
  if (channel !== undefined) return channelsNamed(channel, channels) ?? [];
  const all = [...added.flatMap((each) => channelsNamed(each, channels) ?? []), ...usualChannels(channels)];
  return [...new Map(all.map((each) => [each.url, each])).values()];
}

function namesFile(directory: string): string {
  return join(directory, 'names');
}

async function namesIn(directory: string): Promise<readonly string[]> {
  const fetchShard = () => Promise.reject(new Error('names are in no shard'));
  await using index = await openRepodataIndex(directory, { url: 'https://conda.invalid/', fetchShard });
  return index.names();
}

function spelling(name: string): string {
  return name.toLowerCase();
}
