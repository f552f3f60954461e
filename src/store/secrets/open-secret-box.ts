import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BuilderError, messageOf } from '../../errors.ts';
import type { Sentence } from '../../sentence.ts';
import { say } from '../../sentence.ts';
import { createSecretBox, keyBytes, type SecretBox } from './secret-box.ts';

export interface SecretBoxOptions {
  readonly dataDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const variable = 'IMAGEWRIGHT_SECRET_KEY';

/**
 * The box with the keys of `IMAGEWRIGHT_SECRET_KEY` (base64 of 32 bytes each, separated by commas), else of `<dataDir>/secret.key` (one a
 * line), which is made on the first start for its owner's eyes only. The first key seals, all open. Throws `command-invalid` for a key
 * that is none.
 */
export async function openSecretBox({ dataDir, env }: SecretBoxOptions): Promise<SecretBox> {
  const given = env[variable]?.trim();
  if (given) return createSecretBox(parseKeys(given.split(','), variable));
  const file = join(dataDir, 'secret.key');
  return createSecretBox(parseKeys((await readOrMake(file)).split('\n'), file));
}

/** Blank parts are left out. What a wrong key looks like is not said. */
function parseKeys(texts: readonly string[], where: string): Buffer[] {
  const keys = texts.map((text) => text.trim()).filter((text) => text !== '');
  if (keys.length === 0) throw malformed(say`${where} holds no key`);
  return keys.map((text, index) => {
    const isBase64 = /^[A-Za-z0-9+/_-]{43}=?$/.test(text);
    if (!isBase64) throw malformed(say`Key ${index + 1} of ${where} is not ${keyBytes} bytes in base64`);
    return Buffer.from(text, 'base64');
  });
}

function malformed(message: Sentence): BuilderError {
  return new BuilderError('command-invalid', message, { hint: say`Make a key with "openssl rand -base64 32".` });
}

async function readOrMake(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw unusable(file, error);
  }
  try {
    await makeKey(file);
    return await readFile(file, 'utf8');
  } catch (error) {
    throw unusable(file, error);
  }
}

/** The file appears whole or not at all; of several processes that start together, one makes it for all. */
async function makeKey(file: string): Promise<void> {
  const directory = join(file, '..');
  await mkdir(directory, { recursive: true });
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    await using handle = await open(draft, 'wx', 0o600);
    await handle.writeFile(`${randomBytes(keyBytes).toString('base64')}\n`);
    await handle.sync();
    await link(draft, file).catch((error) => {
      if (error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(draft, { force: true });
  }
  // What is sealed with the key may be on disk soon: then the key's name must be, too.
  await using handle = await open(directory);
  await handle.sync();
}

function unusable(file: string, cause: unknown): BuilderError {
  return new BuilderError('command-invalid', say`The file of secret keys cannot be used: ${messageOf(cause)}`, {
    hint: say`Make ${file} readable for the account of the server, or set ${variable}.`,
    cause,
  });
}
