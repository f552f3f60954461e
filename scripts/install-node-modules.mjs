import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { findCommand, run, SetupError, say } from './run.mjs';

/** Brings `node_modules` to what package-lock.json says, what builds the page and runs the tests with it; quick when it is so already. */
export const installNodeModules = (root) => {
  const difference = firstDifference(root);
  if (difference === undefined) return;
  say(`installing node_modules with npm ci (${difference})`);
  // Under `npm run`, PATH begins with the node_modules that are about to be replaced.
  const path = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((entry) => !entry.startsWith(join(root, 'node_modules')));
  const env = { ...process.env, PATH: path.join(delimiter), NODE_ENV: '' };
  if (!findCommand('npm')) throw new SetupError('npm is missing: install Node.js 20 or newer with npm.');
  if (!run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: root, env })) {
    throw new SetupError('npm ci failed; its messages stand above. Is the npm registry within reach?');
  }
};

/** What npm recorded as installed, against what the lock file asks for. Optional packages are for other platforms. */
const firstDifference = (root) => {
  const installed = readLock(join(root, 'node_modules/.package-lock.json'));
  if (!installed || !existsSync(join(root, 'node_modules/node/bin/node'))) return 'not there yet';
  const wanted = Object.entries(readLock(join(root, 'package-lock.json')));
  const stale = wanted.find(
    ([path, entry]) => path !== '' && !entry.optional && installed[path]?.integrity !== entry.integrity,
  );
  return stale && `${stale[0]} is not what package-lock.json says`;
};

const readLock = (path) => existsSync(path) && JSON.parse(readFileSync(path, 'utf8')).packages;
