import type { Command } from './command.ts';
import { readStoredLogin, removeStoredLogin } from './stored-login.ts';

export const logoutCommand: Command = {
  name: 'logout',
  summary: 'Forget the token that "imagewright login" keeps.',
  operands: '',
  arity: [0, 0],
  description: 'The token itself stays valid until it expires or is revoked on the server.',
  options: {},
  examples: ['imagewright logout'],
  async run(_args, { env, stderr }) {
    // What cannot be read is to go, too.
    const login = await readStoredLogin(env).catch(() => null);
    await removeStoredLogin(env);
    stderr.write(login === undefined ? 'Nobody was signed in.\n' : `Signed out of ${login?.url ?? 'the server'}\n`);
  },
};
