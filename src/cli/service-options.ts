import { resolve } from 'node:path';
import { BuilderError, messageOf } from '../errors.ts';
import { type AllowedHosts, parseAllowedHosts } from '../http/egress-guard.ts';
import { say } from '../sentence.ts';
import type { ServiceOptions } from '../server/start-service.ts';
import type { PlatformLimits } from '../store/job-holds.ts';
import type { CommandContext } from './command.ts';
import { parseDuration, parseSize } from './common-options.ts';
import type { Settings } from './read-settings.ts';
import type { SettingName } from './settings.ts';

/** What a service is started with. Throws `command-invalid` for a value that cannot be. */
export function serviceOptions(inForce: Settings, env: CommandContext['env']): Omit<ServiceOptions, 'log'> {
  const value = (name: SettingName): string | undefined => inForce[name].value;
  const needed = (name: SettingName): string => value(name)!;
  const quota = value('registry-quota');
  const secretKey = value('secret-key');
  return {
    listen: parseListen(needed('listen')),
    dataDir: resolve(needed('data')),
    env: { ...env, ...(secretKey !== undefined && { IMAGEWRIGHT_SECRET_KEY: secretKey }) },
    databaseUrl: value('database-url'),
    publicUrl: value('public-url'),
    isBehindProxy: parseSwitch(needed('behind-proxy'), 'behind-proxy'),
    oidc: oidcFrom(value),
    adminToken: value('admin-token'),
    limits: limitsFrom(needed),
    registryAccess: registryAccessFrom(value('registry-access')),
    ...(quota !== undefined && { maxRepositoryBytes: parseSize(quota, '--registry-quota') * 1024 * 1024 }),
    maxCacheBytes: parseSize(needed('cache-size'), '--cache-size') * 1024 * 1024,
    keepDeletedMs: parseDuration(needed('keep-deleted'), '--keep-deleted'),
    allowedHosts: parseAllowed(value('allow-hosts') ?? ''),
  };
}

function registryAccessFrom(text: string | undefined): ServiceOptions['registryAccess'] {
  if (text === undefined || text === 'open' || text === 'tokens') return text;
  throw new BuilderError('command-invalid', say`--registry-access is open or tokens, not "${text}"`);
}

function limitsFrom(needed: (name: SettingName) => string): PlatformLimits {
  return {
    maxRunningJobs: parseCount(needed('max-builds'), 'max-builds'),
    maxRunningJobsPerGroup: parseCount(needed('max-builds-per-group'), 'max-builds-per-group'),
    timeoutMinutes: parseDuration(needed('build-timeout'), '--build-timeout') / 60_000,
    memoryMiB: parseSize(needed('build-memory'), '--build-memory'),
    diskMiB: parseSize(needed('build-disk'), '--build-disk'),
  };
}

/** The identity provider, as described in `docs/sign-in.md`. */
function oidcFrom(value: (name: SettingName) => string | undefined): ServiceOptions['oidc'] {
  const issuer = value('oidc-issuer');
  const clientId = value('oidc-client-id');
  if (issuer === undefined) return undefined;
  if (clientId === undefined) {
    throw new BuilderError('command-invalid', say`The setting oidc-issuer is given, but not oidc-client-id`, {
      hint: say`Set IMAGEWRIGHT_OIDC_CLIENT_ID.`,
    });
  }
  const optional = {
    clientSecret: value('oidc-client-secret'),
    scope: value('oidc-scope'),
    groupsClaim: value('oidc-groups-claim'),
    adminGroup: value('oidc-admin-group'),
    groupAdminSuffix: value('oidc-group-admin-suffix'),
  };
  const given = Object.entries(optional).filter(([, text]) => text !== undefined);
  return { issuer, clientId, ...(Object.fromEntries(given) as Partial<Record<keyof typeof optional, string>>) };
}

function parseSwitch(text: string, name: SettingName): boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  throw new BuilderError('command-invalid', say`The setting ${name} is true or false, not "${text}"`);
}

function parseCount(text: string, name: SettingName): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new BuilderError('command-invalid', say`--${name} wants a number from 1 to 9999, not "${text}"`);
}

function parseAllowed(text: string): AllowedHosts {
  try {
    return parseAllowedHosts(text);
  } catch (error) {
    throw new BuilderError('command-invalid', say`--allow-hosts: ${messageOf(error)}`, {
      hint: say`Write hosts and networks as minio.internal:9000,10.1.0.0/16.`,
    });
  }
}

/** Reads `host:port`, `[::1]:port` or `:port`. */
export function parseListen(text: string): { host: string; port: number } {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) {
    throw new BuilderError('command-invalid', say`"${text}" is no address to listen on`, {
      hint: say`Write it as 127.0.0.1:8080.`,
    });
  }
  return { host: match[1] ?? (match[2] || '127.0.0.1'), port };
}
