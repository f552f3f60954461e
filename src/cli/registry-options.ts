import { BuilderError } from '../errors.ts';
import { say } from '../sentence.ts';
import type { CommandContext, OptionDefinitions, OptionValues } from './command.ts';
import { readSecret } from './read-secret.ts';

/** Flags that describe the registry of a server. */
export const registrySettingsOptions = {
  endpoint: {
    type: 'string',
    value: 'HOST',
    description: 'The registry; may be left out when the repository or prefix names it.',
  },
  username: { type: 'string', short: 'u', value: 'USER', description: 'User name; the password is asked for.' },
  repository: { type: 'string', value: 'REPO', description: 'Images are called REPO:<name>-<revision>.' },
  prefix: { type: 'string', value: 'PREFIX', description: 'Images are called PREFIX/<name>:<revision>.' },
  'plain-http': { type: 'boolean', description: 'Talk plain HTTP to it.' },
  'skip-verify': { type: 'boolean', description: 'Take any certificate.' },
} as const satisfies OptionDefinitions;

/** What the flags say, with a password read where there is a user name; `undefined` when they say nothing. */
export async function registrySettingsFrom(options: OptionValues, context: CommandContext) {
  const names = Object.keys(registrySettingsOptions);
  if (names.every((name) => options.string(name) === undefined && !options.boolean(name))) return undefined;
  const username = options.string('username');
  const [pushRepo, pushRepoPrefix] = [options.string('repository') ?? null, options.string('prefix') ?? null];
  if (pushRepo === null && pushRepoPrefix === null) {
    throw new BuilderError('command-invalid', say`It is not said what images are to be called`, {
      hint: say`Say --repository registry.example.com/team/images or --prefix registry.example.com/team.`,
    });
  }
  return {
    endpoint: options.string('endpoint') ?? null,
    username: username ?? null,
    ...(username !== undefined && { password: await readSecret(`Password of ${username}`, context) }),
    ...{ pushRepo, pushRepoPrefix },
    plainHttp: options.boolean('plain-http'),
    insecureSkipVerify: options.boolean('skip-verify'),
  };
}
