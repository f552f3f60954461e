import { getMe } from '../api/people.ts';
import { isLoopbackHost } from '../http/loopback.ts';
import type { Command, CommandArguments, CommandContext } from './command.ts';
import { readSecret } from './read-secret.ts';
import { connectTo, defaultServer, parseServerUrl } from './server-connection.ts';
import { storedLoginPath, writeStoredLogin } from './stored-login.ts';

export const loginCommand: Command = {
  name: 'login',
  summary: 'Sign in to a server with an API token, and keep it for the other commands.',
  operands: '[URL]',
  arity: [0, 1],
  description: `
The token is asked for on a terminal and not shown; elsewhere it is read from standard input. --token is there for completeness: other users
of the machine can see it among the processes. What is kept (~/.config/imagewright/server.json) is readable by you only, and the token is
sent to this server only.

In automation no login is needed: IMAGEWRIGHT_SERVER and IMAGEWRIGHT_TOKEN count more than what is kept.`,
  options: {
    token: { type: 'string', value: 'TOKEN', description: 'The token; better left out, see above.' },
  },
  examples: [
    'imagewright login https://imagewright.example.com',
    'imagewright login https://imagewright.example.com < token.txt',
    'IMAGEWRIGHT_TOKEN=… imagewright images list --server https://imagewright.example.com',
  ],
  run: runLogin,
};

async function runLogin({ positionals, options }: CommandArguments, context: CommandContext): Promise<void> {
  const { env, stderr } = context;
  const url = parseServerUrl(positionals[0] ?? (env.IMAGEWRIGHT_SERVER || defaultServer));
  const { protocol, hostname } = new URL(url);
  if (protocol === 'http:' && !isLoopbackHost(hostname)) {
    stderr.write(`note: ${url} is not protected by TLS: who is on the way can read the token\n`);
  }
  const token = options.string('token') ?? (await readSecret(`Token for ${url}`, context)).trim();
  const me = await connectTo({ url, token }, context).call(getMe, {});
  await writeStoredLogin(env, { url, token });
  stderr.write(`Signed in to ${url} as ${me.name}${me.isAdmin ? ', an administrator' : ''}\n`);
  stderr.write(`The token is kept in ${storedLoginPath(env)}\n`);
}
