import { BuilderError } from '../../../errors.ts';
import type { LockedConda } from '../../../lock/lock.ts';
import type { Room, RoomLimits } from '../../../sandbox/sandbox.ts';
import { say } from '../../../sentence.ts';

/** A script that a package wants to be run once it is linked (CEP-34). */
export interface LinkScript {
  readonly pkg: Pick<LockedConda, 'name' | 'version' | 'buildNumber'>;
  /** Below the prefix: `bin/.fontconfig-post-link.sh`. */
  readonly path: string;
}

export interface LinkedPackage {
  readonly pkg: LinkScript['pkg'];
  /** Below the prefix. */
  readonly paths: readonly string[];
}

/** The scripts of packages, which come in link order. Throws `build-failed` for a kind that cannot be run. */
export function linkScriptsOf(packages: readonly LinkedPackage[]): readonly LinkScript[] {
  return packages.flatMap(({ pkg, paths }) => {
    if (paths.includes(`bin/.${pkg.name}-pre-link.sh`)) throw preLink(pkg);
    const path = `bin/.${pkg.name}-post-link.sh`;
    return paths.includes(path) ? [{ pkg, path }] : [];
  });
}

/** conda runs it where the package lies unpacked, and lets it change the package for all environments: here there is no such place. */
function preLink({ name, version }: LinkScript['pkg']): BuilderError {
  return new BuilderError('build-failed', say`The conda package ${name} ${version} wants to run a pre-link script`, {
    hint: say`Such scripts are deprecated and not run. Take another version of the package, or tell its makers.`,
  });
}

export interface LinkScriptOptions {
  readonly prefix: string;
  /** PATH of the base. */
  readonly path: string;
  readonly limits: RoomLimits;
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
}

/**
 * Runs a script as conda does, in the environment's `bin`; what it has to say it leaves in a file. At the end it waits a little: what was
 * written last would be lost if the program ended before that is read.
 */
const runner = `
cd "$PREFIX/bin" || exit 127
bash "$PREFIX/$1"
ended=$?
if [ -f "$PREFIX/.messages.txt" ]; then
  cat "$PREFIX/.messages.txt"
  rm "$PREFIX/.messages.txt"
fi
sleep 0.2
exit "$ended"
`;

/** What starts the script adds that of its own when it fails. */
const startersWord = /^(?:Error: exit status|subprocess exited with status) \d+$/;

/** Runs the scripts one after another. Throws `build-failed` with the cause when one fails, and what the limits throw. */
export async function runLinkScripts(
  room: Room,
  scripts: readonly LinkScript[],
  { prefix, path, limits, signal, onLine }: LinkScriptOptions,
): Promise<void> {
  for (const { pkg, path: script } of scripts) {
    onLine(`Running the post-link script of ${pkg.name} ${pkg.version}`);
    let last = '';
    const { exitCode } = await room.run({
      argv: ['sh', '-c', runner, 'sh', script],
      env: {
        PATH: `${prefix}/bin:${path}`,
        PREFIX: prefix,
        ROOT_PREFIX: prefix,
        PKG_NAME: pkg.name,
        PKG_VERSION: pkg.version,
        PKG_BUILDNUM: String(pkg.buildNumber),
      },
      limits,
      signal,
      onLine(line) {
        if (startersWord.test(line)) return;
        if (line.trim() !== '') last = line;
        onLine(line);
      },
    });
    if (exitCode !== 0) throw scriptFailed(pkg, exitCode, last);
  }
}

function scriptFailed({ name, version }: LinkScript['pkg'], exitCode: number, last: string): BuilderError {
  const why =
    last === '' ? say`it ended with exit code ${exitCode}` : say`${last.trim().slice(0, 500)} (exit code ${exitCode})`;
  return new BuilderError(
    'build-failed',
    say`The post-link script of the conda package ${name} ${version} failed: ${why}`,
    {
      hint: say`The log tells what it wrote before that.`,
    },
  );
}
