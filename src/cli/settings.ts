import type { OptionDefinitions } from './command.ts';

/** One thing that an operator may say of a service. */
export interface Setting {
  /** Environment variable. */
  readonly variable: string;
  /** What stands for the value in the help, where it is a flag too: `HOST:PORT`. */
  readonly flag?: string;
  /** What holds unless told, as it would be written; absent where nothing does. */
  readonly usual?: string;
  /** Shown to nobody. */
  readonly isSecret?: boolean;
  readonly description: string;
}

/** All settings of a service by name: the name of the flag and of the key in a settings file. */
export const settings = {
  listen: {
    variable: 'IMAGEWRIGHT_LISTEN',
    flag: 'HOST:PORT',
    usual: '127.0.0.1:8080',
    description: 'Address to serve on.',
  },
  data: { variable: 'IMAGEWRIGHT_DATA', flag: 'DIR', usual: './data', description: 'Directory for all state.' },
  'max-builds': { variable: 'IMAGEWRIGHT_MAX_BUILDS', flag: 'N', usual: '4', description: 'Builds at once.' },
  'max-builds-per-group': {
    variable: 'IMAGEWRIGHT_MAX_BUILDS_PER_GROUP',
    flag: 'N',
    usual: '2',
    description: 'Builds at once for one group.',
  },
  'build-timeout': {
    variable: 'IMAGEWRIGHT_BUILD_TIMEOUT',
    flag: 'TIME',
    usual: '1h',
    description: 'Longest time for one build, such as 90m or 2h.',
  },
  'build-memory': {
    variable: 'IMAGEWRIGHT_BUILD_MEMORY',
    flag: 'SIZE',
    usual: '4GiB',
    description: 'Memory for the programs that one build runs, such as 512MiB or 4GiB.',
  },
  'build-disk': {
    variable: 'IMAGEWRIGHT_BUILD_DISK',
    flag: 'SIZE',
    usual: '20GiB',
    description: 'Packages and layers of one build together.',
  },
  'cache-size': {
    variable: 'IMAGEWRIGHT_CACHE_SIZE',
    flag: 'SIZE',
    usual: '50GiB',
    description: 'What packages and layers that were not used for long may take on the disk.',
  },
  'keep-deleted': {
    variable: 'IMAGEWRIGHT_KEEP_DELETED',
    flag: 'TIME',
    usual: '90d',
    description: 'How long the jobs and logs of a deleted image can still be read.',
  },
  'registry-access': {
    variable: 'IMAGEWRIGHT_REGISTRY_ACCESS',
    flag: 'open|tokens',
    description:
      'Who may use the registry: everybody, or who has an API token (default: open on loopback, else tokens).',
  },
  'registry-quota': {
    variable: 'IMAGEWRIGHT_REGISTRY_QUOTA',
    flag: 'SIZE',
    description: 'What one repository of the registry may hold, such as 50GiB (default: any size).',
  },
  'allow-hosts': {
    variable: 'IMAGEWRIGHT_ALLOW_HOSTS',
    flag: 'HOSTS',
    description:
      'Hosts inside your network that builds may reach besides the registries and sources that are configured, such as minio.internal:9000,10.1.0.0/16. Matters when others than this machine are served.',
  },
  'database-url': {
    variable: 'DATABASE_URL',
    isSecret: true,
    description: 'A PostgreSQL in place of the embedded one.',
  },
  'public-url': { variable: 'IMAGEWRIGHT_PUBLIC_URL', description: 'Where people reach the service.' },
  'behind-proxy': {
    variable: 'IMAGEWRIGHT_BEHIND_PROXY',
    usual: 'false',
    description: 'Whether a proxy of yours writes X-Forwarded-For.',
  },
  'admin-token': {
    variable: 'IMAGEWRIGHT_ADMIN_TOKEN',
    isSecret: true,
    description: 'A fixed token of the built-in administrator.',
  },
  'secret-key': {
    variable: 'IMAGEWRIGHT_SECRET_KEY',
    isSecret: true,
    description: 'What stored secrets are sealed with.',
  },
  'oidc-issuer': { variable: 'IMAGEWRIGHT_OIDC_ISSUER', description: 'URL of the identity provider.' },
  'oidc-client-id': { variable: 'IMAGEWRIGHT_OIDC_CLIENT_ID', description: 'As registered there.' },
  'oidc-client-secret': {
    variable: 'IMAGEWRIGHT_OIDC_CLIENT_SECRET',
    isSecret: true,
    description: 'As registered there.',
  },
  'oidc-scope': { variable: 'IMAGEWRIGHT_OIDC_SCOPE', description: 'What is asked for at a sign-in.' },
  'oidc-groups-claim': { variable: 'IMAGEWRIGHT_OIDC_GROUPS_CLAIM', description: 'Claim that lists groups.' },
  'oidc-admin-group': { variable: 'IMAGEWRIGHT_OIDC_ADMIN_GROUP', description: 'Whose members are administrators.' },
  'oidc-group-admin-suffix': {
    variable: 'IMAGEWRIGHT_OIDC_GROUP_ADMIN_SUFFIX',
    description: 'What the name of a group ends with where its administrators are meant.',
  },
} as const satisfies Readonly<Record<string, Setting>>;

export type SettingName = keyof typeof settings;

export const settingNames = Object.keys(settings) as readonly SettingName[];

/** The settings that are flags, and the file with all of them. */
export const settingOptions: OptionDefinitions = {
  config: {
    type: 'string',
    value: 'FILE.yaml',
    env: 'IMAGEWRIGHT_CONFIG',
    description: 'File with settings, by the names of these flags; flags and variables go before it.',
  },
  ...Object.fromEntries(
    (Object.entries(settings) as [SettingName, Setting][])
      .filter(([, { flag }]) => flag !== undefined)
      .map(([name, { variable, flag, usual, description }]) => [
        name,
        { type: 'string', value: flag!, env: variable, description: withUsual(description, usual) },
      ]),
  ),
};

function withUsual(description: string, usual: string | undefined): string {
  return usual === undefined ? description : `${description.slice(0, -1)} (default: ${usual}).`;
}
