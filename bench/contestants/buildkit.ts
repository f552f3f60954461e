import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hostNetwork } from '../../test/host-network.ts';
import { runCommand, tryCommand } from '../../test/run-command.ts';
import { aptInstall } from '../apt-install.ts';
import type { BenchBuild, Contestant, ContestantKind } from '../contestant.ts';

const root = resolve(import.meta.dirname, '../..');
const tools = join(root, '.tools/buildkit');
const buildkitd = join(tools, 'buildkitd');
const buildctl = join(tools, 'buildctl');

/** BuildKit as it comes: a daemon that keeps its caches, uv with a cache mount, layers pushed by the daemon itself. */
export const buildkit: ContestantKind = {
  name: 'BuildKit + uv',
  missing: compile,
  open: (directory, registry) => openBuildkit(directory, registry, 'compression=gzip'),
};

/** The same with the faster compression, which has to be asked for. */
export const buildkitZstd: ContestantKind = {
  name: 'BuildKit + uv, zstd',
  missing: compile,
  open: (directory, registry) => openBuildkit(directory, registry, 'compression=zstd,oci-mediatypes=true'),
};

async function openBuildkit(directory: string, registry: string, compression: string): Promise<Contestant> {
  const context = join(directory, 'context');
  const state = join(directory, 'state');
  await mkdir(context);
  await copyFile(join(root, '.tools/uv/bin/uv'), join(context, 'uv'));
  const address = `unix://${join(directory, 'buildkitd.sock')}`;
  const config = join(directory, 'buildkitd.toml');
  await writeFile(config, `[registry."${registry}"]\n  http = true\n  insecure = true\n`);
  const daemon = spawn(
    buildkitd,
    [
      '--root',
      state,
      '--addr',
      address,
      '--config',
      config,
      '--oci-worker',
      'true',
      '--oci-worker-net',
      'host',
      '--oci-worker-binary',
      await runtime(),
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  daemon.stderr.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-4000);
  });
  const ended = new Promise<void>((end) => daemon.once('close', () => end()));
  await untilReady(address, () => log);
  return {
    pids: [daemon.pid!],
    async build(build) {
      await writeDockerfile(context, build);
      const output = `type=image,name=${build.registry}/${build.target}:latest,push=true,registry.insecure=true,${compression}`;
      const locals = ['--local', `context=${context}`, '--local', `dockerfile=${context}`];
      const options = ['build', '--progress', 'plain', '--frontend', 'dockerfile.v0', ...locals, '--output', output];
      await runCommand(buildctl, ['--addr', address, ...options]);
    },
    async [Symbol.asyncDispose]() {
      daemon.kill('SIGTERM');
      await Promise.race([ended, sleep(10_000).then(() => daemon.kill('SIGKILL'))]);
      await ended;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Compiles daemon and client from `bench/buildkit/go.mod`, once, and sees to it that there is a runtime. */
async function compile(): Promise<string | undefined> {
  if ((await findRuntime()) === undefined) {
    return 'it needs runc ("apt-get install runc") or crun 1.9 or later';
  }
  if (existsSync(buildkitd) && existsSync(buildctl)) return undefined;
  const go = await tryCommand('go', ['version']).catch(() => undefined);
  if (go?.exitCode !== 0) return 'Go is not installed, so BuildKit cannot be compiled';
  process.stderr.write('Compiling BuildKit, about three minutes …\n');
  await mkdir(tools, { recursive: true });
  for (const program of ['buildctl', 'buildkitd']) {
    const cwd = join(root, 'bench/buildkit');
    await runCommand('go', ['build', '-o', join(tools, program), `github.com/moby/buildkit/cmd/${program}`], { cwd });
  }
  return undefined;
}

/** The runtime under BuildKit, which keeps containers (`run --keep`): crun can since 1.9, newer than Debian 12's. */
async function runtime(): Promise<string> {
  return (await findRuntime())!;
}

async function findRuntime(): Promise<string | undefined> {
  for (const name of ['runc', 'crun']) {
    const help = await tryCommand(name, ['run', '--help']).catch(() => undefined);
    if (help?.exitCode === 0 && help.stdout.includes('--keep')) return name;
  }
  return undefined;
}

async function untilReady(address: string, log: () => string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const { exitCode } = await tryCommand(buildctl, ['--addr', address, 'debug', 'workers']);
    if (exitCode === 0) return;
    await sleep(100);
  }
  throw new Error(`buildkitd does not answer:\n${log()}`);
}

/** The certificates of the host come as a bind mount, so that the layer holds packages only. */
async function writeDockerfile(context: string, { registry, base, packages, apt = [] }: BenchBuild): Promise<void> {
  const { mounts, variables } = hostNetwork();
  const [trust] = Object.values(mounts);
  const bundle = basename(variables.SSL_CERT_FILE ?? '');
  if (trust !== undefined) await copyFile(join(trust, bundle), join(context, 'trust.pem'));
  const settings = [
    'UV_LINK_MODE=copy',
    ...(trust === undefined ? [] : ['SSL_CERT_FILE=/tmp/trust.pem']),
    ...Object.entries(variables).flatMap(([name, value]) =>
      name === 'SSL_CERT_FILE' || name === 'PIP_CERT' ? [] : [`${name}='${value}'`],
    ),
  ];
  const bindTrust = trust === undefined ? [] : ['--mount=type=bind,source=trust.pem,target=/tmp/trust.pem'];
  const binds = [
    '--mount=type=bind,source=uv,target=/usr/local/bin/uv',
    ...bindTrust,
    '--mount=type=cache,target=/root/.cache/uv',
  ];
  const aptCaches = ['/var/cache/apt', '/var/lib/apt'].map((at) => `--mount=type=cache,target=${at},sharing=locked`);
  const install = `uv pip install --system --break-system-packages ${packages.join(' ')}`;
  const lines = [
    `FROM ${registry}/${base}:latest`,
    'USER root',
    ...(apt.length === 0
      ? []
      : [`RUN ${[...bindTrust, ...aptCaches].join(' ')} export ${settings.join(' ')}; ${aptInstall(apt)}`]),
    `RUN ${binds.join(' ')} ${settings.join(' ')} ${install}`,
  ];
  await writeFile(join(context, 'Dockerfile'), `${lines.join('\n')}\n`);
}
