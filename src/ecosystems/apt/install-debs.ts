import { BuilderError } from '../../errors.ts';
import type { LockedDeb } from '../../lock/lock.ts';
import type { Room, RoomLimits } from '../../sandbox/sandbox.ts';
import { say } from '../../sentence.ts';
import { aptOptions } from './apt-room.ts';
import { type AptAnswer, askApt, runApt } from './ask-apt.ts';
import type { ShownDebs } from './deb-store.ts';

export interface InstallContext {
  readonly limits: RoomLimits;
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
}

const seenAt = '/run/imagewright/debs';

/** No list, no source and no network: apt has the packages of the lock and what the base holds, and nothing else to choose from. */
const offline = [
  ...['-o', 'Dir::Etc::SourceList=/dev/null', '-o', 'Dir::Etc::SourceParts=/dev/null'],
  ...['-o', 'Dpkg::Options::=--force-confdef', '-o', 'Dpkg::Options::=--force-confold'],
  // What a crash could leave half written is a room that nobody sees again: dpkg need not wait for the disk at each file.
  ...['-o', 'Dpkg::Options::=--force-unsafe-io'],
];

/** Installs exactly the packages. Throws `build-failed` with the cause, and what the limits throw. */
export async function installDebs(
  room: Room,
  debs: readonly LockedDeb[],
  { directory, names, limits, signal, onLine }: InstallContext & Pick<ShownDebs, 'directory' | 'names'>,
): Promise<void> {
  const mounts = { [seenAt]: { from: directory } };
  const ask = (argv: readonly string[]) => askApt(room, { argv, limits, signal });
  const before = new Set((await ask(['apt-mark', 'showmanual'])).stdout);
  const files = names.map((name) => `${seenAt}/${name}`);
  const options = ['--yes', '--no-install-recommends', '--no-remove', '--allow-downgrades'];
  const argv = ['apt-get', ...aptOptions, ...offline, 'install', ...options, '--', ...files];
  const answer = await runApt(room, { argv, mounts, limits, signal, onLine });
  if (answer.exitCode !== 0) throw installFailed(answer);

  // Named as files all count as asked for; only those of the lines are.
  const automatic = debs
    .filter(({ name, requestedBy }) => requestedBy.length === 0 && !before.has(name))
    .map(operandOf);
  if (automatic.length > 0) await ask(['apt-mark', 'auto', '--', ...automatic]);
  await checkInstalled(debs, (await ask(['dpkg-query', '--show', '--showformat', statusFormat])).stdout);
}

const field = (name: string) => `\${${name}}`;
const statusFormat = `${field('Package')}:${field('Architecture')} ${field('Version')} ${field('db:Status-Status')}\\n`;

async function checkInstalled(debs: readonly LockedDeb[], told: readonly string[]): Promise<void> {
  const installed = new Set(told);
  const missing = debs.find(
    ({ name, architecture, version }) => !installed.has(`${name}:${architecture} ${version} installed`),
  );
  if (missing === undefined) return;
  throw new BuilderError('build-failed', say`apt ended well, but ${missing.name} ${missing.version} is not installed`, {
    hint: say`The log tells what apt did.`,
  });
}

function operandOf({ name, architecture }: LockedDeb): string {
  return architecture === 'all' ? name : `${name}:${architecture}`;
}

function installFailed({ stdout, stderr, exitCode }: AptAnswer): BuilderError {
  const lines = [...stdout, ...stderr];
  const cause =
    lines.find((line) => /^dpkg: error processing/.test(line)) ??
    lines.find((line) => /^(?:dpkg: error|E: )/.test(line)) ??
    lines.at(-1) ??
    `exit code ${exitCode}`;
  const detail = lines[lines.indexOf(cause) + 1]?.trim();
  const why = [cause, ...(cause.endsWith(':') && detail !== undefined ? [detail] : [])].join(' ').slice(0, 1000);
  return new BuilderError('build-failed', say`apt could not install the packages: ${why}`, {
    hint: say`The log tells what the scripts of the package wrote before that.`,
  });
}
