import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { BuilderError } from '../errors.ts';
import type { LayerCompression } from '../oci/media-types.ts';
import { type Platform, parsePlatform } from '../oci/platform.ts';
import { say } from '../sentence.ts';
import type { CommandContext, OptionDefinitions, OptionValues } from './command.ts';

/** Flags of every command that talks to a registry. */
export const registryOptions = {
  'auth-file': {
    type: 'string',
    value: 'FILE',
    env: 'REGISTRY_AUTH_FILE',
    description: 'Registry credentials, as docker and podman keep them (default: ~/.docker/config.json).',
  },
  'insecure-registry': {
    type: 'string',
    value: 'HOST',
    multiple: true,
    description: 'Talk plain HTTP to this registry; may be repeated. Loopback needs no such leave.',
  },
} as const satisfies OptionDefinitions;

export const dataOption = {
  data: {
    type: 'string',
    value: 'DIR',
    env: 'IMAGEWRIGHT_DATA',
    description: 'Directory for all state; its cache is used in place of ~/.cache/imagewright.',
  },
} as const satisfies OptionDefinitions;

export const jsonOption = {
  json: { type: 'boolean', description: 'Print one JSON object a line; the last one is the result or the error.' },
} as const satisfies OptionDefinitions;

export const platformOption = {
  platform: { type: 'string', value: 'OS/ARCH', description: 'Platform of the base to take (default: linux/amd64).' },
} as const satisfies OptionDefinitions;

/** Flags of every command that asks a server. */
export const serverOptions = {
  server: {
    type: 'string',
    value: 'URL',
    env: 'IMAGEWRIGHT_SERVER',
    description: 'Server to ask (default: that of "imagewright login", else http://127.0.0.1:8080).',
  },
} as const satisfies OptionDefinitions;

/** Flag of the commands that start a job. */
export const waitOption = {
  wait: { type: 'boolean', description: 'Show the log on standard error, and end as the job ends.' },
} as const satisfies OptionDefinitions;

/** Flag of the commands that print a list. */
export const limitOption = {
  limit: { type: 'string', value: 'N', description: 'Show so many at most (default: 200).' },
} as const satisfies OptionDefinitions;

/** Where caches live: under `--data` when that is set, else where XDG says. */
export function cacheDirectory(options: OptionValues, env: CommandContext['env']): string {
  const data = options.string('data');
  if (data !== undefined) return resolve(data, 'cache');
  return join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), 'imagewright');
}

export function platformFrom(options: OptionValues): Platform {
  return parsePlatform(options.string('platform') ?? 'linux/amd64');
}

/** Reads `zstd`, `gzip` or `none`; zstd when nothing was said. */
export function compressionFrom(options: OptionValues): LayerCompression {
  const text = options.string('compression') ?? 'zstd';
  if (text === 'zstd' || text === 'gzip' || text === 'none') return text;
  throw new BuilderError('command-invalid', say`--compression is zstd, gzip or none, not "${text}"`);
}

/** Reads `90s`, `10m`, `2h`, `0` into milliseconds. */
export function parseDuration(text: string, flag: string): number {
  const match = /^(\d{1,9})(ms|s|m|h|d)?$/.exec(text);
  const unit = match?.[2] ?? 's';
  const factor = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit];
  if (match !== null && factor !== undefined) return Number(match[1]) * factor;
  throw new BuilderError('command-invalid', say`${flag} wants a time such as 90s, 10m or 2h, not "${text}"`);
}

/** Reads a whole number; `undefined` when the flag is absent. Throws `command-invalid`. */
export function integerFrom(
  options: OptionValues,
  flag: string,
  { least = 1, most = 1_000_000_000 }: { readonly least?: number; readonly most?: number } = {},
): number | undefined {
  const text = options.string(flag);
  if (text === undefined) return undefined;
  const number = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new BuilderError(
    'command-invalid',
    say`--${flag} wants a whole number from ${least} to ${most}, not "${text}"`,
  );
}

/** Reads `512MiB` or `4GiB`, in mebibytes. */
export function parseSize(text: string, flag: string): number {
  const match = /^([1-9]\d{0,6})(MiB|GiB)$/.exec(text);
  if (match !== null) return Number(match[1]) * (match[2] === 'GiB' ? 1024 : 1);
  throw new BuilderError('command-invalid', say`${flag} wants a size such as 512MiB or 4GiB, not "${text}"`);
}
