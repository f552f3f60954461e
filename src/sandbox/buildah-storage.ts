import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { BuilderError } from '../errors.ts';
import { say } from '../sentence.ts';
import { runProgram } from './run-program.ts';

/** buildah with storage of its own, kept between builds. */
export interface BuildahStorage {
  readonly directory: string;
  /** Where buildah keeps images, layers and containers (containers/storage "graphroot"). */
  readonly root: string;
  /** The environment in which buildah finds its storage and nothing of the host's configuration. */
  readonly env: NodeJS.ProcessEnv;
  /** What stands before a program that reads or changes what the storage holds. */
  readonly asOwner: readonly string[];
  /** Runs buildah; gives its standard output. Throws `build-failed`. */
  call(args: readonly string[], options: { readonly signal: AbortSignal; readonly cwd?: string }): Promise<string>;
  /** Where the changes of a container are on the host. */
  changesDirectory(container: string): Promise<string>;
}

/** Makes the storage's directory and its settings. */
export async function openBuildahStorage(directory: string): Promise<BuildahStorage> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const root = join(directory, 'root');
  const settings = join(directory, 'storage.conf');
  const policy = join(directory, 'policy.json');
  await writeFile(policy, JSON.stringify({ default: [{ type: 'insecureAcceptAnything' }] }));
  // A user that is not root owns nothing of what the storage holds: its own users stand in the user's range of further ids.
  const isRoot = process.getuid?.() === 0;
  const asOwner = isRoot ? [] : ['buildah', 'unshare'];
  await writeFile(settings, storageSettings({ root, run: join(directory, 'run'), isRoot }));
  const env: NodeJS.ProcessEnv = {
    // `ip` stands among the administrators' programs, which ordinary users do not look among.
    PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin`,
    HOME: directory,
    TMPDIR: directory,
    XDG_RUNTIME_DIR: directory,
    CONTAINERS_STORAGE_CONF: settings,
  };
  return {
    directory,
    root,
    env,
    asOwner,
    async call([command, ...args], { signal, cwd = directory }) {
      const written = { stdout: [] as string[], stderr: [] as string[] };
      const usesPolicy = command === 'from' || command === 'pull';
      const policyOption = usesPolicy ? ['--signature-policy', policy] : [];
      const argv = ['buildah', command!, ...policyOption, ...args];
      const exitCode = await runProgram({ argv, cwd, env, signal, onLine: (line, name) => written[name].push(line) });
      if (exitCode !== 0) throw buildahFailed(command!, written.stderr);
      return written.stdout.join('\n').trim();
    },
    async changesDirectory(container) {
      const file = join(root, 'overlay-containers', 'containers.json');
      const known = JSON.parse(await readFile(file, 'utf8')) as readonly { id: string; layer: string }[];
      const layer = known.find(({ id }) => id === container)?.layer;
      if (layer === undefined) throw new Error(`buildah's storage does not know the container ${container}`);
      return join(root, 'overlay', layer, 'diff');
    },
  };
}

/** Whole files in what changed, whatever the kernel's and the host's defaults are. */
function storageSettings({ root, run, isRoot }: { root: string; run: string; isRoot: boolean }): string {
  // Both are off, and may not even be named, in the mounts of an ordinary user.
  const mountOptions = isRoot ? 'nodev,redirect_dir=off,metacopy=off' : 'nodev';
  const quoted = (text: string) => JSON.stringify(text);
  return [
    '[storage]',
    'driver = "overlay"',
    `graphroot = ${quoted(root)}`,
    `rootless_storage_path = ${quoted(root)}`,
    `runroot = ${quoted(run)}`,
    '[storage.options.overlay]',
    `mountopt = ${quoted(mountOptions)}`,
    'skip_mount_home = "true"',
    '',
  ].join('\n');
}

function buildahFailed(command: string, stderr: readonly string[]): BuilderError {
  const told = stderr.filter((line) => line !== '').at(-1) ?? 'it did not say why';
  return new BuilderError(
    'build-failed',
    say`The sandbox cannot be prepared (buildah ${command}): ${told.slice(0, 500)}`,
    {
      hint: say`The machine that builds must let buildah mount overlay file systems: as root, or with user namespaces.`,
    },
  );
}

/** The programs that rooms need and that are not on the `PATH`. */
export function missingPrograms(path = process.env.PATH ?? ''): readonly string[] {
  const directories = [...path.split(delimiter).filter((each) => each !== ''), '/usr/sbin', '/sbin'];
  return ['buildah', 'unshare', 'ip', 'tar', 'find', 'du'].filter(
    (program) => !directories.some((directory) => existsSync(join(directory, program))),
  );
}
