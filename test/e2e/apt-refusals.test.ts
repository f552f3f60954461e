import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBase } from '../../src/build/open-base.ts';
import { createAptSupport } from '../../src/ecosystems/apt/apt-support.ts';
import { createHttpClient } from '../../src/http/create-http-client.ts';
import { defaultPlatform } from '../../src/oci/platform.ts';
import { noCredentials } from '../../src/registry/client/credentials.ts';
import { createRegistryClient } from '../../src/registry/client/registry-client.ts';
import { createBuildahSandbox } from '../../src/sandbox/create-buildah-sandbox.ts';
import { usualLimits } from '../../src/sandbox/sandbox.ts';
import { toPackageLines } from '../../src/spec/package-lines.ts';
import { createThreadPool } from '../../src/threads/thread-pool.ts';
import { makeBase } from '../bases/make-base.ts';
import { type Buildah, openBuildah } from '../buildah.ts';
import { type DebRepository, startDebRepository } from '../deb-repository.ts';
import { type DockerRegistry, startDockerRegistry } from '../docker-registry.ts';
import { type ImagewrightRun, runImagewright } from '../imagewright.ts';
import { neighbourPlaces, openNeighbourRoom } from '../neighbour-room.ts';

const canary = 'only-the-host-may-know-this';
const forkingMark = 'forks-without-end';
let registry: DockerRegistry;
let repository: DebRepository;
let buildah: Buildah;
let directory: string;
let base: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'imagewright-refusals-'));
  await writeFile(join(directory, 'canary'), canary);
  registry = await startDockerRegistry();
  const [, port] = registry.host.split(':');
  repository = await startDebRepository([
    { name: 'plain-tool', postinst: '#!/bin/sh\necho was set up\n' },
    { name: 'left', conflicts: 'right' },
    { name: 'right' },
    { name: 'broken', depends: 'nowhere-to-be-found' },
    { name: 'against-base', conflicts: 'python3' },
    {
      name: 'curious',
      postinst: `#!/bin/sh
cat ${directory}/canary /proc/1/root${directory}/canary /proc/*/root${directory}/canary
cat ${neighbourPlaces(cacheDir()).join(' ')}
perl -MIO::Socket::INET -e 'exit !IO::Socket::INET->new("127.0.0.1:${port}")' && echo reached the host
perl -MIO::Socket::INET -e 'exit !IO::Socket::INET->new("127.0.0.1:3128")' && echo reached the proxy
ls /dev /sys /run/secrets
env
echo that is all there is
exit 3
`,
    },
    {
      name: 'forking',
      postinst: `#!/bin/sh\nperl -e 'while (1) { fork }' ${forkingMark}\n`,
    },
  ]);
  buildah = await openBuildah();
  await using container = await buildah.fromLayout(await makeBase('debian12'));
  await container.shell(`printf '%s' '${repository.source}' > /etc/apt/sources.list`);
  base = `${registry.host}/base/local:latest`;
  await buildah.push(await buildah.commit(container), `docker://${base}`);
});
afterAll(async () => {
  await buildah?.[Symbol.asyncDispose]();
  await repository?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

async function run(command: 'build' | 'lock', apt: readonly string[], options: { base?: string; path?: string } = {}) {
  const spec = join(directory, 'spec.yaml');
  await writeFile(spec, JSON.stringify({ name: 'x', base: options.base ?? base, packages: { apt } }));
  const to = command === 'build' ? ['--to', `${registry.host}/x/`] : [];
  const env = { REGISTRY_AUTH_FILE: '', ...(options.path !== undefined && { PATH: options.path }) };
  return runImagewright([command, spec, ...to, '--data', join(directory, 'data'), '--json'], { env });
}
const told = ({ stdout, stderr }: ImagewrightRun) => `${stdout}\n${stderr}`;

describe('apt lines that cannot be', () => {
  it('are told at their lines, all at once and soon', async () => {
    const first = await run('lock', ['plain-tool']);
    expect(first.exitCode, told(first)).toBe(0);
    const started = Date.now();
    const answer = await run('lock', ['plain-tol', 'right=7', '-o APT::x=1']);
    expect(Date.now() - started).toBeLessThan(5000);
    expect(answer.exitCode).toBe(3);
    expect(told(answer)).toMatch(/Did you mean .{0,2}plain-tool/);
    expect(told(answer)).toContain('There is 1.0');
    expect(told(answer)).toContain('one package a line');
  });

  it('are told with the reason of apt', async () => {
    expect(told(await run('lock', ['left', 'right']))).toMatch(/left : Conflicts: right/);
    expect(told(await run('lock', ['broken']))).toContain('nowhere-to-be-found');
    const removing = await run('lock', ['against-base']);
    expect(removing.exitCode).toBe(3);
    expect(told(removing)).toContain('python3');
  });

  it('are refused at once on a base without apt, and on a machine without buildah', async () => {
    await using bare = await buildah.from('scratch');
    await writeFile(join(bare.root, 'hello'), 'hello');
    const other = `${registry.host}/base/bare:latest`;
    await buildah.push(await buildah.commit(bare), `docker://${other}`);
    const answer = await run('lock', ['jq'], { base: other });
    expect(answer.exitCode).toBe(2);
    expect(told(answer)).toContain('has no apt');
    const without = await run('lock', ['right'], { path: await onlyShell() });
    expect(without.exitCode).toBe(3);
    expect(told(without)).toContain('buildah');
  });

  /** A search path with what starts the program, and no more. */
  async function onlyShell(): Promise<string> {
    const { mkdir, symlink } = await import('node:fs/promises');
    const bin = join(directory, 'bin');
    await mkdir(bin);
    for (const name of ['sh', 'dirname', 'readlink']) await symlink(`/usr/bin/${name}`, join(bin, name));
    return bin;
  }
});

describe('a package with a script', () => {
  it('is installed, and the script is heard', async () => {
    const built = await run('build', ['plain-tool']);
    expect(built.exitCode, told(built)).toBe(0);
    expect(built.stdout).toContain('was set up');
  });

  it('finds nothing of the host or of other builds, no network and no secret, and fails the build with the cause', async () => {
    await using _ = await openNeighbourRoom({ cacheDir: cacheDir(), base, word: canary });
    process.env.IMAGEWRIGHT_CANARY = canary;
    const answer = await run('build', ['curious']);
    delete process.env.IMAGEWRIGHT_CANARY;
    expect(answer.exitCode).toBe(4);
    expect(told(answer)).toContain('that is all there is');
    expect(told(answer)).not.toContain(canary);
    expect(told(answer)).not.toMatch(/reached the (?:host|proxy)/);
    expect(answer.stderr).toMatch(/curious.*exit status 3/s);
  });

  it('is held when it forks without end', async () => {
    const limits = { ...usualLimits, processes: 60 };
    const { client, http, opened, rootfs } = await openParts();
    const sandbox = createBuildahSandbox({ cacheDir: cacheDir() });
    const apt = createAptSupport({ sandbox, client, cacheDir: cacheDir(), env: {}, http, limits });
    const { lines } = toPackageLines('forking', 'packages.apt');
    const request = { base: opened.image, rootfs, signal };
    const answer = await apt.resolver.resolve({ ...request, lines, fresh: false });
    if ('problems' in answer) throw new Error(answer.problems[0]!.message);
    const { packages } = answer.resolution;
    const started = Date.now();
    const installing = apt.install({ ...request, packages, compression: 'none', noCache: false });
    await expect(installing).rejects.toMatchObject({
      code: 'limit-exceeded',
      message: expect.stringContaining('60 processes'),
    });
    expect(Date.now() - started).toBeLessThan(30_000);
    const commandLines = await Promise.all((await readdir('/proc')).map(commandLineOf));
    expect(commandLines.filter((line) => line.includes(forkingMark))).toEqual([]);
  });
});

const { signal } = new AbortController();

/** Of the builds. */
const cacheDir = () => join(directory, 'data/cache');

async function openParts() {
  await using threads = createThreadPool();
  const http = createHttpClient({ env: {} });
  const client = createRegistryClient({ http, credentials: noCredentials });
  const opened = await openBase(
    { spec: { base }, platform: defaultPlatform, signal, onEvent() {} },
    { client, threads, cacheDir: cacheDir() },
  );
  return { http, client, opened, rootfs: await opened.rootfs() };
}

async function commandLineOf(pid: string): Promise<string> {
  return /^\d+$/.test(pid) ? readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '') : '';
}
