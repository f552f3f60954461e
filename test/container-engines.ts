import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCommand, tryCommand } from './run-command.ts';

/** A container engine with storage of its own, which goes with the scope that holds it. */
export interface ContainerEngine extends AsyncDisposable {
  /** `podman version 4.3.1` */
  readonly version: string;
  /** Pulls `127.0.0.1:40001/some/image@sha256:…` over plain HTTP; `user:password` where the registry asks for it. */
  pull(image: string, credentials: string): Promise<void>;
  /** Runs a command in a container of an image that was pulled; gives its standard output. */
  run(image: string, command: readonly string[]): Promise<string>;
}

export type EngineName = 'buildah' | 'podman' | 'containerd' | 'docker';

/** What a test starts with: each needs root. */
export const engines: Readonly<Record<EngineName, () => Promise<ContainerEngine>>> = {
  buildah: () => openStorageEngine('buildah'),
  podman: () => openStorageEngine('podman'),
  containerd: openContainerd,
  docker: openDocker,
};

/** Copies an image to an OCI layout with skopeo, which holds no images itself. */
export async function copyWithSkopeo(image: string, layout: string, credentials: string): Promise<void> {
  const options = [
    '--insecure-policy',
    'copy',
    '--quiet',
    '--all',
    '--src-tls-verify=false',
    '--src-creds',
    credentials,
  ];
  await runCommand('skopeo', [...options, `docker://${image}`, `oci:${layout}:latest`]);
}

/** podman and buildah: one storage library, no daemon. Their images are mounted and entered, which works where containers may not set limits. */
async function openStorageEngine(program: 'podman' | 'buildah'): Promise<ContainerEngine> {
  const directory = await mkdtemp(join(tmpdir(), `imagewright-${program}-`));
  const storage = ['--root', join(directory, 'root'), '--runroot', join(directory, 'run')];
  const policy = join(directory, 'policy.json');
  await writeFile(policy, JSON.stringify({ default: [{ type: 'insecureAcceptAnything' }] }));
  const call = (...words: readonly string[]) => runCommand(program, [...storage, ...words]);
  const mount = (image: string) =>
    program === 'podman'
      ? call('image', 'mount', image)
      : call('from', '--quiet', '--pull-never', image).then((container) => call('mount', container));
  return {
    version: await call('--version'),
    async pull(image, credentials) {
      await call('pull', '--quiet', '--tls-verify=false', '--signature-policy', policy, '--creds', credentials, image);
    },
    run: async (image, command) => runCommand('chroot', [await mount(image), ...command]),
    async [Symbol.asyncDispose]() {
      if (program === 'buildah') await call('rm', '--all');
      await call(...(program === 'podman' ? ['image', 'umount', '--force', '--all'] : ['umount', '--all']));
      // Where storage is on a shared mount, it has made itself a private one.
      await tryCommand('umount', [join(directory, 'root', 'overlay')]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** containerd's own client, with the snapshotter that Kubernetes uses. */
async function openContainerd(): Promise<ContainerEngine> {
  const daemon = await startContainerd();
  const call = (...words: readonly string[]) => runCommand('ctr', ['--address', daemon.socket, ...words]);
  return {
    version: await runCommand('containerd', ['--version']),
    async pull(image, credentials) {
      await call('images', 'pull', '--plain-http', '--user', credentials, image);
    },
    run: (image, command) => call('run', '--rm', image, 'tried', ...command),
    [Symbol.asyncDispose]: () => daemon[Symbol.asyncDispose](),
  };
}

async function openDocker(): Promise<ContainerEngine> {
  await using opened = new AsyncDisposableStack();
  const { directory, socket: containerd } = opened.use(await startContainerd());
  const socket = join(directory, 'docker.sock');
  const places = ['--data-root', join(directory, 'docker'), '--exec-root', join(directory, 'docker-exec')];
  const network = ['--iptables=false', '--ip6tables=false', '--bridge=none'];
  const options = [...places, ...network, '--pidfile', join(directory, 'docker.pid'), '--containerd', containerd];
  const docker = ['--host', `unix://${socket}`, '--config', join(directory, 'docker-config')];
  opened.use(
    await startDaemon(['dockerd', '--host', `unix://${socket}`, ...options], async () => {
      return existsSync(socket) && (await tryCommand('docker', [...docker, 'info'])).exitCode === 0;
    }),
  );
  const call = (...words: readonly string[]) => runCommand('docker', [...docker, ...words]);
  const version = await call('version', '--format', 'docker {{.Server.Version}}');
  const daemons = opened.move();
  return {
    version,
    async pull(image, credentials) {
      const [user, password] = credentials.split(':') as [string, string];
      const login = ['login', '--username', user, '--password-stdin', image.split('/')[0]!];
      await runCommand('docker', [...docker, ...login], { input: password });
      await call('pull', '--quiet', image);
    },
    run: (image, command) => call('run', '--rm', '--network', 'none', image, ...command),
    [Symbol.asyncDispose]: () => daemons.disposeAsync(),
  };
}

interface Containerd extends AsyncDisposable {
  readonly directory: string;
  readonly socket: string;
}

async function startContainerd(): Promise<Containerd> {
  await using opened = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'imagewright-containerd-'));
  opened.defer(() => rm(directory, { recursive: true, force: true }));
  const socket = join(directory, 'containerd.sock');
  await mkdir(join(directory, 'state'));
  const places = ['--root', join(directory, 'root'), '--state', join(directory, 'state')];
  opened.use(
    await startDaemon(['containerd', ...places, '--address', socket], async () => {
      return (await tryCommand('ctr', ['--address', socket, 'version'])).exitCode === 0;
    }),
  );
  const daemon = opened.move();
  return { directory, socket, [Symbol.asyncDispose]: () => daemon.disposeAsync() };
}

// The daemon lives as long as the pipe to us, so that it ends even where we are killed.
const supervise = '"$@" & cat; kill $!; wait';

async function startDaemon(argv: readonly string[], isReady: () => Promise<boolean>): Promise<AsyncDisposable> {
  const child = spawn('sh', ['-c', supervise, 'sh', ...argv], { stdio: ['pipe', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-4000);
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = async () => {
    child.stdin.end();
    await ended;
  };
  for (let attempt = 0; attempt < 300; attempt++) {
    if (await isReady()) return { [Symbol.asyncDispose]: stop };
    await sleep(100);
  }
  await stop();
  throw new Error(`${argv[0]} does not answer:\n${log}`);
}
