import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { BuilderError, isBuilderError } from '../../../errors.ts';
import { discardBody } from '../../../http/discard-body.ts';
import type { HttpClient, HttpResponse } from '../../../http/http-client.ts';
import { limitedTo } from '../../../http/limited-to.ts';
import { isLoopbackHost } from '../../../http/loopback.ts';
import { refuseFullDisk } from '../../../layers/full-disk.ts';
import { createTurns } from '../../../layers/turns.ts';
import { digestOf, hexOf } from '../../../oci/digest.ts';
import { say } from '../../../sentence.ts';
import { type Channel, channelTitle } from '../channels.ts';
import type { PackedRepodata } from './repodata-index.ts';

/** What channels have, kept on this machine. */
export interface RepodataStore {
  /** The directory that `openRepodataIndex` opens; `undefined` when the channel has no such subdirectory. Throws when it does not answer. */
  directoryOf(channel: Channel, subdir: string, options: StoreOptions): Promise<string | undefined>;
}

export interface StoreOptions {
  /** Ask the channel again, however recently it was asked. */
  readonly fresh: boolean;
  readonly signal: AbortSignal;
}

export interface RepodataStoreOptions {
  readonly cacheDir: string;
  readonly http: HttpClient;
  readonly index: (source: PackedRepodata, directory: string, signal: AbortSignal) => Promise<void>;
}

/** How long what a channel said is taken for what it would say now. */
const maxAgeMs = 600_000;
const maxPackedBytes = 2 * 1024 ** 3;
const forms = ['repodata_shards.msgpack.zst', 'repodata.json.zst', 'repodata.json'] as const;

/** What is known of a subdirectory since it was last asked for. */
interface State {
  readonly formatVersion: 1;
  readonly checkedAtMs: number;
  /** Absent where the channel has no such subdirectory. */
  readonly form?: (typeof forms)[number];
  readonly etag?: string;
  readonly lastModified?: string;
}

/** Where the store keeps what a subdirectory has, if it has been asked for. */
export function repodataDirectory({ url }: Pick<Channel, 'url'>, subdir: string, cacheDir: string): string {
  return join(cacheDir, 'conda', 'repodata', hexOf(digestOf(`${url}${subdir}`)).slice(0, 32));
}

/** Opens the store in `<cacheDir>/conda/repodata`. */
export function openRepodataStore({ cacheDir, http, index }: RepodataStoreOptions): RepodataStore {
  const turns = createTurns();
  return {
    directoryOf(channel, subdir, { fresh, signal }) {
      const directory = repodataDirectory(channel, subdir, cacheDir);
      return turns.take(directory, signal, async () => {
        const known = await readState(directory);
        const age = known === undefined ? Number.POSITIVE_INFINITY : Date.now() - known.checkedAtMs;
        const isFresh = known !== undefined && age >= 0 && age < maxAgeMs && !fresh;
        const state = isFresh ? known : await refresh({ channel, subdir, directory, known, http, index, signal });
        if (!isFresh) await writeState(directory, state);
        return state.form === undefined ? undefined : directory;
      });
    },
  };
}

interface Refresh extends Pick<RepodataStoreOptions, 'http' | 'index'> {
  readonly channel: Channel;
  readonly subdir: string;
  readonly directory: string;
  readonly known: State | undefined;
  readonly signal: AbortSignal;
}

async function refresh(context: Refresh): Promise<State> {
  const { channel, subdir, directory, known, http, signal } = context;
  const url = new URL(channel.url);
  if (url.protocol !== 'https:' && !isLoopbackHost(url.hostname)) {
    throw new BuilderError(
      'registry-unavailable',
      say`The channel ${channelTitle(channel)} is not asked: it is not https`,
    );
  }
  await mkdir(directory, { recursive: true });
  // What was had before is tried first.
  for (const form of [...forms].sort((a, b) => Number(b === known?.form) - Number(a === known?.form))) {
    const headers = form === known?.form ? conditions(known) : {};
    const response = await ask(http, { url: `${channel.url}${subdir}/${form}`, headers, signal, channel });
    const { etag, 'last-modified': lastModified } = response.headers;
    const state: State = {
      formatVersion: 1,
      checkedAtMs: Date.now(),
      form,
      ...(etag !== undefined && { etag }),
      ...(lastModified !== undefined && { lastModified }),
    };
    if (response.status === 304 && form === known?.form) {
      discardBody(response);
      return { ...known, ...state };
    }
    if (response.status === 200) {
      await receive(response, form, context);
      return state;
    }
    discardBody(response);
    if (response.status !== 404 && response.status !== 410) throw refused(channel, response.status);
  }
  return { formatVersion: 1, checkedAtMs: Date.now() };
}

function conditions({ etag, lastModified }: State): Readonly<Record<string, string>> {
  if (etag !== undefined) return { 'if-none-match': etag };
  return lastModified === undefined ? {} : { 'if-modified-since': lastModified };
}

async function ask(
  http: HttpClient,
  {
    url,
    headers,
    signal,
    channel,
  }: { url: string; headers: Readonly<Record<string, string>>; signal: AbortSignal; channel: Channel },
): Promise<HttpResponse> {
  try {
    return await http.request({ url, headers: { ...headers, 'accept-encoding': 'gzip' }, signal, attempts: 3 });
  } catch (error) {
    if (!isBuilderError(error, 'registry-unavailable')) throw error;
    throw new BuilderError(
      'registry-unavailable',
      say`The channel ${channelTitle(channel)} cannot be reached: ${error.message}`,
      {
        cause: error,
        hint: say`Check the network, the proxy variables and the address of the channel.`,
      },
    );
  }
}

function refused(channel: Channel, status: number): BuilderError {
  const isDenied = status === 401 || status === 403;
  return new BuilderError('registry-unavailable', say`The channel ${channelTitle(channel)} answers ${status}`, {
    hint: isDenied
      ? say`Check the credentials of the channel, in CONDA_CHANNELS or where the administrator set it up.`
      : say`Try again later, or ask whoever keeps the channel.`,
  });
}

/** Puts the body aside as it comes, then has it indexed. */
async function receive(
  response: HttpResponse,
  form: string,
  { directory, index, channel, signal }: Refresh,
): Promise<void> {
  const file = join(directory, `${randomUUID()}.part`);
  try {
    const limited = limitedTo(
      maxPackedBytes,
      say`The repodata of ${channelTitle(channel)} is larger than ${maxPackedBytes} bytes`,
    );
    await pipeline(response.body, limited, createWriteStream(file, { flags: 'wx' })).catch(refuseFullDisk);
    const isGzip = response.headers['content-encoding'] === 'gzip';
    const compression = form.endsWith('.zst') ? 'zstd' : isGzip ? 'gzip' : 'none';
    await index({ file, compression, isSharded: form.includes('shards') }, directory, signal);
  } finally {
    await rm(file, { force: true });
  }
}

/** A file that cannot be read is as good as none. */
async function readState(directory: string): Promise<State | undefined> {
  try {
    const state = JSON.parse(await readFile(join(directory, 'state.json'), 'utf8')) as State;
    return state.formatVersion === 1 ? state : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function writeState(directory: string, state: State): Promise<void> {
  const partial = join(directory, `${randomUUID()}.partial`);
  await writeFile(partial, JSON.stringify(state)).catch(refuseFullDisk);
  await rename(partial, join(directory, 'state.json'));
}
