import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run, SetupError, say } from './run.mjs';

/** What the page is made of. */
const sources = ['src/web', 'src/api', 'src/oci', 'src/spec', 'src/errors.ts', 'package-lock.json'];

/** Builds the page into `dist/web` when it is not there or its sources have changed since. */
export const buildPage = (root) => {
  const mark = join(root, 'dist/web/.sources');
  const digest = digestOf(root);
  const isThere = existsSync(mark);
  if (isThere && readFileSync(mark, 'utf8') === digest) return;
  say(`building the page (${isThere ? 'its sources have changed' : 'not there yet'})`);
  const node = join(root, 'node_modules/node/bin/node');
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  const args = [vite, 'build', '--logLevel', 'warn', '--config', 'src/web/vite.config.ts', 'src/web'];
  // React has a slow form of itself for development; a test that builds must not get that one.
  const env = { ...process.env, NODE_ENV: 'production' };
  if (!run(node, args, { cwd: root, env }))
    throw new SetupError('the page could not be built; the reason stands above.');
  writeFileSync(mark, digest);
};

const digestOf = (root) => {
  const hash = createHash('sha256');
  for (const source of sources) {
    const path = join(root, source);
    const files = statSync(path).isDirectory()
      ? readdirSync(path, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name))
          .sort()
      : [path];
    for (const file of files)
      hash
        .update(`${file.slice(root.length)}\0`)
        .update(readFileSync(file))
        .update('\0');
  }
  return hash.digest('hex');
};

if (import.meta.main) buildPage(resolve(fileURLToPath(import.meta.url), '../..'));
