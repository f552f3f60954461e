import { readFile, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { BuilderError } from '../errors.ts';
import { makeDirectory, writeFileDurably } from '../registry/blobs/durable-files.ts';
import { say } from '../sentence.ts';
import type { CommandContext } from './command.ts';

/** What `imagewright login` keeps: a token and the one server that it may be sent to. */
export interface StoredLogin {
  /** Origin of the server: `https://imagewright.example.com`. */
  readonly url: string;
  readonly token: string;
}

/** `~/.config/imagewright/server.json`, or where `XDG_CONFIG_HOME` says. */
export function storedLoginPath(env: CommandContext['env']): string {
  return join(env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config'), 'imagewright', 'server.json');
}

/** `undefined` when nobody has signed in. Throws `command-invalid` for a file that is not ours; what it says stays out of messages. */
export async function readStoredLogin(env: CommandContext['env']): Promise<StoredLogin | undefined> {
  const path = storedLoginPath(env);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
  const login = parseLogin(text);
  if (login !== undefined) return login;
  throw new BuilderError('command-invalid', say`${path} is not as "imagewright login" writes it`, {
    hint: say`Sign in again with "imagewright login", or delete the file.`,
  });
}

function parseLogin(text: string): StoredLogin | undefined {
  try {
    const { url, token } = JSON.parse(text);
    return typeof url === 'string' && typeof token === 'string' ? { url, token } : undefined;
  } catch {
    return undefined; // Without the cause, which quotes the text.
  }
}

/** Keeps a login in place of the one before, readable by its owner only. */
export async function writeStoredLogin(env: CommandContext['env'], { url, token }: StoredLogin): Promise<void> {
  const path = storedLoginPath(env);
  await makeDirectory(dirname(path));
  await writeFileDurably(path, `${JSON.stringify({ url, token }, null, 2)}\n`, dirname(path));
}

export async function removeStoredLogin(env: CommandContext['env']): Promise<void> {
  await rm(storedLoginPath(env), { force: true });
}
