import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { BuilderError, messageOf } from '../errors.ts';
import { type AllowedHosts, parseAllowedHosts } from '../http/egress-guard.ts';
import { type ServiceOptions, startService, usualLimits } from '../server/start-service.ts';
import type { PlatformLimits } from '../store/job-holds.ts';
import type { Command, CommandArguments, CommandContext } from './command.ts';
import { parseDuration } from './common-options.ts';

export const upCommand: Command = {
  name: 'up',
  summary: 'Serve Imagewright: API, builds and a registry of its own.',
  operands: '',
  arity: [0, 0],
  description: `
Serves the API under /api/v1 (described at /docs and /openapi.json), builds images as they are asked for, and the embedded registry
under /v2/, until Ctrl-C. Without DATABASE_URL an embedded PostgreSQL keeps the state; all of it lives in the data directory. Jobs
that are under way when the process ends go on at the next start. On loopback the registry lets everybody in; elsewhere it
wants an API token, as the password of "docker login" with any user name.`,
  options: {
    listen: {
      type: 'string',
      value: 'HOST:PORT',
      env: 'IMAGEWRIGHT_LISTEN',
      description: 'Address to serve on (default: 127.0.0.1:8080).',
    },
    data: {
      type: 'string',
      value: 'DIR',
      env: 'IMAGEWRIGHT_DATA',
      description: 'Directory for all state (default: ./data).',
    },
    'max-builds': {
      type: 'string',
      value: 'N',
      env: 'IMAGEWRIGHT_MAX_BUILDS',
      description: 'Builds at once (default: 4).',
    },
    'max-builds-per-group': {
      type: 'string',
      value: 'N',
      env: 'IMAGEWRIGHT_MAX_BUILDS_PER_GROUP',
      description: 'Builds at once for one group (default: 2).',
    },
    'build-timeout': {
      type: 'string',
      value: 'TIME',
      env: 'IMAGEWRIGHT_BUILD_TIMEOUT',
      description: 'Longest time for one build, such as 90m or 2h (default: 1h).',
    },
    'build-memory': {
      type: 'string',
      value: 'SIZE',
      env: 'IMAGEWRIGHT_BUILD_MEMORY',
      description: 'Memory for the programs that one build runs, such as 512MiB or 4GiB (default: 4GiB).',
    },
    'build-disk': {
      type: 'string',
      value: 'SIZE',
      env: 'IMAGEWRIGHT_BUILD_DISK',
      description: 'Packages and layers of one build together (default: 20GiB).',
    },
    'keep-deleted': {
      type: 'string',
      value: 'TIME',
      env: 'IMAGEWRIGHT_KEEP_DELETED',
      description: 'How long the jobs and logs of a deleted image can still be read (default: 90d).',
    },
    'registry-access': {
      type: 'string',
      value: 'open|tokens',
      env: 'IMAGEWRIGHT_REGISTRY_ACCESS',
      description:
        'Who may use the registry: everybody, or who has an API token (default: open on loopback, else tokens).',
    },
    'registry-quota': {
      type: 'string',
      value: 'SIZE',
      env: 'IMAGEWRIGHT_REGISTRY_QUOTA',
      description: 'What one repository of the registry may hold, such as 50GiB (default: any size).',
    },
    'allow-hosts': {
      type: 'string',
      value: 'HOSTS',
      env: 'IMAGEWRIGHT_ALLOW_HOSTS',
      description:
        'Hosts inside your network that builds may reach besides the registries and sources that are configured, such as minio.internal:9000,10.1.0.0/16. Matters when others than this machine are served.',
    },
  },
  examples: ['imagewright up', 'imagewright up --listen 127.0.0.1:5000 --data /srv/imagewright'],
  run: runUp,
};

async function runUp({ options }: CommandArguments, { env, stderr, signal }: CommandContext): Promise<void> {
  const dataDir = resolve(options.string('data') ?? 'data');
  const listen = parseListen(options.string('listen') ?? '127.0.0.1:8080');
  const keepDeleted = options.string('keep-deleted');
  const quota = options.string('registry-quota');
  const service = await startService({
    ...{ listen, dataDir, env },
    databaseUrl: env.DATABASE_URL,
    publicUrl: env.IMAGEWRIGHT_PUBLIC_URL || undefined,
    isBehindProxy: env.IMAGEWRIGHT_BEHIND_PROXY === 'true',
    oidc: oidcFrom(env),
    adminToken: env.IMAGEWRIGHT_ADMIN_TOKEN || undefined,
    limits: limitsFrom(options),
    registryAccess: registryAccessFrom(options.string('registry-access')),
    ...(quota !== undefined && { maxRepositoryBytes: parseSize(quota, '--registry-quota') * 1024 * 1024 }),
    ...(keepDeleted !== undefined && { keepDeletedMs: parseDuration(keepDeleted, '--keep-deleted') }),
    allowedHosts: parseAllowed(options.string('allow-hosts') ?? ''),
    log: (line) => void stderr.write(`${line}\n`),
  });
  const { host } = new URL(service.url);
  const tokenFile = env.IMAGEWRIGHT_ADMIN_TOKEN ? 'FILE' : join(dataDir, 'admin.token');
  stderr.write(`Imagewright serves at ${service.url}

  API        ${service.url}/docs
  registry   ${host}        push and pull with any client
  state      ${dataDir}${env.DATABASE_URL ? ' and the database of DATABASE_URL' : ''}

${service.signInLink === undefined ? '' : `Sign in:          ${service.signInLink}   (once, within a day)\n`}Command line:     imagewright login ${service.url} < ${tokenFile}
Bring in a base:  imagewright registry import python-base.tar ${host}/python:3.11
Ctrl-C stops.
`);
  if (!signal.aborted) await once(signal, 'abort');
  stderr.write('Stopping …\n');
  await service.close();
}

function registryAccessFrom(text: string | undefined): ServiceOptions['registryAccess'] {
  if (text === undefined || text === 'open' || text === 'tokens') return text;
  throw new BuilderError('command-invalid', `--registry-access is open or tokens, not "${text}"`);
}

function limitsFrom(options: CommandArguments['options']): PlatformLimits {
  const { maxRunningJobs, maxRunningJobsPerGroup } = usualLimits;
  const read = <T>(flag: string, usual: T, parse: (text: string, flag: string) => T): T => {
    const text = options.string(flag);
    return text === undefined ? usual : parse(text, `--${flag}`);
  };
  const minutes = (text: string, flag: string) => parseDuration(text, flag) / 60_000;
  return {
    maxRunningJobs: read('max-builds', maxRunningJobs, parseCount),
    maxRunningJobsPerGroup: read('max-builds-per-group', maxRunningJobsPerGroup, parseCount),
    timeoutMinutes: read('build-timeout', usualLimits.timeoutMinutes, minutes),
    memoryMiB: read('build-memory', usualLimits.memoryMiB, parseSize),
    diskMiB: read('build-disk', usualLimits.diskMiB, parseSize),
  };
}

/** Reads `512MiB` or `4GiB`, in mebibytes. */
function parseSize(text: string, flag: string): number {
  const match = /^([1-9]\d{0,6})(MiB|GiB)$/.exec(text);
  if (match !== null) return Number(match[1]) * (match[2] === 'GiB' ? 1024 : 1);
  throw new BuilderError('command-invalid', `${flag} wants a size such as 512MiB or 4GiB, not "${text}"`);
}

/** The identity provider that the variables name; all of them are described in `docs/sign-in.md`. */
function oidcFrom(env: CommandContext['env']): ServiceOptions['oidc'] {
  const { IMAGEWRIGHT_OIDC_ISSUER: issuer, IMAGEWRIGHT_OIDC_CLIENT_ID: clientId } = env;
  if (!issuer) return undefined;
  if (!clientId) {
    throw new BuilderError('command-invalid', 'IMAGEWRIGHT_OIDC_ISSUER is set, but not IMAGEWRIGHT_OIDC_CLIENT_ID');
  }
  const optional = {
    clientSecret: env.IMAGEWRIGHT_OIDC_CLIENT_SECRET,
    scope: env.IMAGEWRIGHT_OIDC_SCOPE,
    groupsClaim: env.IMAGEWRIGHT_OIDC_GROUPS_CLAIM,
    adminGroup: env.IMAGEWRIGHT_OIDC_ADMIN_GROUP,
    groupAdminSuffix: env.IMAGEWRIGHT_OIDC_GROUP_ADMIN_SUFFIX,
  };
  const given = Object.entries(optional).filter(([, value]) => value !== undefined && value !== '');
  return { issuer, clientId, ...(Object.fromEntries(given) as Partial<Record<keyof typeof optional, string>>) };
}

function parseCount(text: string, flag: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new BuilderError('command-invalid', `${flag} wants a number from 1 to 9999, not "${text}"`);
}

function parseAllowed(text: string): AllowedHosts {
  try {
    return parseAllowedHosts(text);
  } catch (error) {
    throw new BuilderError('command-invalid', `--allow-hosts: ${messageOf(error)}`, {
      hint: 'Write hosts and networks as minio.internal:9000,10.1.0.0/16.',
    });
  }
}

/** Reads `host:port`, `[::1]:port` or `:port`. */
export function parseListen(text: string): { host: string; port: number } {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) {
    throw new BuilderError('command-invalid', `"${text}" is no address to listen on`, {
      hint: 'Write it as 127.0.0.1:8080.',
    });
  }
  return { host: match[1] ?? (match[2] || '127.0.0.1'), port };
}
