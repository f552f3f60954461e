import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Something is missing that only the user can mend; the message says what and how. */
export class SetupError extends Error {}

/** Tells the user what happens. */
export const say = (text) => console.log(`setup: ${text}`);

/** Runs a command whose output the user sees; true when it ended well. */
export const run = (command, args, options = {}) =>
  spawnSync(command, args, { stdio: 'inherit', ...options }).status === 0;

/** The path of a command on PATH (and where distributions keep administrators' tools, and in the directories named), or undefined. */
export const findCommand = (name, more = []) =>
  [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin', ...more]
    .filter((directory) => directory !== '')
    .map((directory) => join(directory, name))
    .find(isExecutable);

const isExecutable = (path) => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/**
 * Installs Debian packages with apt-get.
 * @returns false where that is not possible (no apt-get, not root) or fails.
 */
export const installDebianPackages = (packages) => {
  if (process.getuid?.() !== 0 || !findCommand('apt-get')) return false;
  say(`installing ${packages.join(', ')} with apt-get`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const install = () => run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { env });
  // A second try with fresh lists: those of a container image are often absent or out of date.
  return install() || (run('apt-get', ['update', '-qq'], { env }) && install());
};
