import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BuilderError } from '../../errors.ts';
import { startGuardedProxy } from '../../http/guarded-proxy.ts';
import { createTurns } from '../../layers/turns.ts';
import type { Room } from '../../sandbox/sandbox.ts';
import { say } from '../../sentence.ts';
import { type AptLists, type AptTools, aptOptions, networkSecrets, proxyOf } from './apt-room.ts';
import { askApt } from './ask-apt.ts';

/** How old lists may be, as of the versions that pip packages have. */
const maxAgeMs = 10 * 60_000;

/** When the lists were brought up to date, milliseconds since 1970; `undefined` where that is too long ago, or they never were. */
export async function freshSince({ directory }: Pick<AptLists, 'directory'>): Promise<number | undefined> {
  try {
    const { mtimeMs } = await stat(stampIn(directory));
    return Date.now() - mtimeMs < maxAgeMs ? mtimeMs : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return undefined;
  }
}

const stampIn = (directory: string) => join(directory, 'refreshed');

/** apt lets one at a time fetch into the same lists: builds, preflights and whoever asks for names wait for one another. */
const turns = createTurns();

/**
 * Brings the lists up to date, unless somebody else has just done so: apt itself verifies their signatures by the keys of the base and fetches only what has changed. Throws
 * `resolver-failed`.
 */
export async function refreshLists(room: Room, lists: AptLists, options: RefreshOptions): Promise<void> {
  const askedAtMs = Date.now();
  await turns.take(lists.directory, options.signal, async () => {
    const since = await freshSince(lists);
    if (since === undefined || since < askedAtMs) await refresh(room, lists, options);
  });
}

interface RefreshOptions extends Pick<AptTools, 'env' | 'limits' | 'sources'> {
  readonly signal: AbortSignal;
}

async function refresh(
  room: Room,
  { directory, mounts }: AptLists,
  { env, sources, limits, signal }: RefreshOptions,
): Promise<void> {
  const proxy = proxyOf(env);
  // Where no proxy guards the way, as on the command line, the user's own network is meant.
  await using own = proxy === undefined ? await startGuardedProxy(() => true) : undefined;
  const url = new URL(proxy ?? own!.url);
  const { exitCode, stdout, stderr } = await askApt(room, {
    argv: ['apt-get', ...aptOptions, '-o', 'APT::Update::Error-Mode=any', 'update'],
    env: { APT_CONFIG: '/run/secrets/apt.conf' },
    mounts,
    secrets: await networkSecrets(url, { env, sources }),
    wayOut: { host: url.hostname, port: Number(url.port || 80) },
    limits: { ...limits, timeoutMs: Math.min(limits.timeoutMs, 5 * 60_000) },
    signal,
  });
  if (exitCode !== 0) throw notRefreshed([...stderr, ...stdout]);
  await writeFile(stampIn(directory), '');
}

function notRefreshed(lines: readonly string[]): BuilderError {
  const told = lines.find((line) => /^(?:E|Err:\S*|W): ?/.test(line)) ?? lines.at(-1) ?? 'it did not say why';
  return new BuilderError('resolver-failed', say`The package lists of the apt sources cannot be had: ${told}`, {
    hint: say`Check the network, and that the sources in /etc/apt of the base and those of the administrator are still served.`,
  });
}
