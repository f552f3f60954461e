import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The built-in administrator's token, kept in `<dataDir>/admin.token` for its owner's eyes only; made on the first start. */
export async function openAdminToken(dataDir: string): Promise<string> {
  const file = join(dataDir, 'admin.token');
  await mkdir(dataDir, { recursive: true });
  const token = `iw_${randomBytes(32).toString('base64url')}`;
  try {
    await writeFile(file, `${token}\n`, { flag: 'wx', mode: 0o600 });
    return token;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return (await readFile(file, 'utf8')).trim();
}
