import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { type CommandResult, type RunOptions, runCommand, tryCommand } from './run-command.ts';

/** buildah with storage of its own, gone with the scope that holds it. */
export interface Buildah extends AsyncDisposable {
  /** Makes a container; `scratch`, or a reference such as `127.0.0.1:5001/base/debian12:latest` that is pulled over plain HTTP. */
  from(image: string, credentials?: string): Promise<Container>;
  /** Makes a container of the image `latest` of an OCI layout. */
  fromLayout(directory: string): Promise<Container>;
  /** Stores what a container holds as a local image with one layer more, and gives its ID. */
  commit(container: Container): Promise<string>;
  /** Copies a local image to a transport, e.g. `oci:/some/dir:latest` or `docker://127.0.0.1:5001/a:b`. */
  push(imageId: string, target: string, ...options: readonly string[]): Promise<void>;
  /** Any other subcommand; gives what it printed. */
  call(...args: readonly string[]): Promise<string>;
}

/** A working container: a root file system that can be looked at and in which commands run. */
export interface Container extends AsyncDisposable {
  readonly id: string;
  /** Where its root file system is on the host. */
  readonly root: string;
  /** Sets parts of the image's configuration, by the options of `buildah config`. */
  config(...options: readonly string[]): Promise<void>;
  /** Runs a command that has to succeed and gives its standard output. */
  run(command: readonly string[], options?: ContainerRunOptions): Promise<string>;
  /** Runs a command and gives how it ended. */
  tryRun(command: readonly string[], options?: ContainerRunOptions): Promise<CommandResult>;
  /** Runs a shell script, `sh -eu`, that has to succeed. */
  shell(script: string, options?: ContainerRunOptions): Promise<string>;
}

export interface ContainerRunOptions extends RunOptions {
  /** The user to run as; the image's own unless told. */
  readonly user?: string;
  /** Host directories by the path at which the container sees them. */
  readonly mounts?: Readonly<Record<string, string>>;
  /** Set in the container on top of the image's environment. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** Starts buildah with empty storage in a temporary directory; needs root. */
export async function openBuildah(): Promise<Buildah> {
  const directory = await mkdtemp(join(tmpdir(), 'imagewright-buildah-'));
  // containers-storage keeps to this signature policy and to nothing of the host's.
  const policy = join(directory, 'policy.json');
  await writeFile(policy, JSON.stringify({ default: [{ type: 'insecureAcceptAnything' }] }));
  const driver = await workingDriver(directory);
  const global = storageOptions(join(directory, driver), driver);
  const call = (...args: readonly string[]) => runCommand('buildah', [...global, ...args]);

  const from = async (image: string, options: readonly string[], run: RunOptions = {}) => {
    const told = await runCommand('buildah', [...global, 'from', '--quiet', ...options, image], run);
    const id = told.split('\n').at(-1)!;
    return openContainer(id, await call('mount', id), global);
  };

  return {
    call,
    from(image, credentials) {
      const options = image === 'scratch' ? [] : ['--tls-verify=false', '--signature-policy', policy];
      return from(image, [...options, ...(credentials === undefined ? [] : ['--creds', credentials])]);
    },
    // buildah names the image by the path, and not every path can be a name: a relative one can.
    fromLayout: (directory) =>
      from(`oci:${basename(directory)}:latest`, ['--signature-policy', policy], { cwd: dirname(directory) }),
    commit: (container) => call('commit', '--quiet', '--signature-policy', policy, container.id),
    async push(imageId, target, ...options) {
      await call('push', '--quiet', '--tls-verify=false', '--signature-policy', policy, ...options, imageId, target);
    },
    async [Symbol.asyncDispose]() {
      await call('rm', '--all');
      // A mount left behind would make the removal of the directory reach into it.
      await call('umount', '--all').catch(() => undefined);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Overlay where the kernel lets us mount one, as on a host's own disk; otherwise plain copies. */
async function workingDriver(directory: string): Promise<'overlay' | 'vfs'> {
  const options = storageOptions(join(directory, 'trial'), 'overlay');
  await mkdir(join(directory, 'trial'), { recursive: true });
  const trial = await tryCommand('buildah', [...options, 'from', '--name', 'trial', 'scratch']);
  const mount = await tryCommand('buildah', [...options, 'mount', 'trial']);
  await tryCommand('buildah', [...options, 'rm', '--all']);
  return trial.exitCode === 0 && mount.exitCode === 0 ? 'overlay' : 'vfs';
}

function storageOptions(directory: string, driver: string): readonly string[] {
  return ['--root', join(directory, 'root'), '--runroot', join(directory, 'run'), '--storage-driver', driver];
}

function openContainer(id: string, root: string, global: readonly string[]): Container {
  const tryRun = (command: readonly string[], options: ContainerRunOptions = {}) =>
    tryCommand('buildah', [...global, ...runArguments(id, command, options)], options);
  const run = (command: readonly string[], options: ContainerRunOptions = {}) =>
    runCommand('buildah', [...global, ...runArguments(id, command, options)], options);
  return {
    id,
    root,
    run,
    tryRun,
    shell: (script, options) => run(['sh', '-eu', '-c', script], options),
    async config(...options) {
      await runCommand('buildah', [...global, 'config', ...options, id]);
    },
    async [Symbol.asyncDispose]() {
      await runCommand('buildah', [...global, 'rm', id]);
    },
  };
}

function runArguments(id: string, command: readonly string[], options: ContainerRunOptions): readonly string[] {
  return [
    'run',
    '--isolation',
    'chroot',
    ...(options.user === undefined ? [] : ['--user', options.user]),
    ...Object.entries(options.mounts ?? {}).flatMap(([path, host]) => ['--volume', `${host}:${path}`]),
    ...Object.entries(options.variables ?? {}).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
    id,
    '--',
    ...command,
  ];
}
