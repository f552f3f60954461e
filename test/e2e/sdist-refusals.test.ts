import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBase } from '../../src/build/open-base.ts';
import { createBaseRooms } from '../../src/ecosystems/base-rooms.ts';
import { createPipSupport } from '../../src/ecosystems/pip/pip-support.ts';
import { createHttpClient } from '../../src/http/create-http-client.ts';
import { createLayerAssembler } from '../../src/layers/create-layer-assembler.ts';
import type { Lock } from '../../src/lock/lock.ts';
import { defaultPlatform } from '../../src/oci/platform.ts';
import { noCredentials } from '../../src/registry/client/credentials.ts';
import { createRegistryClient } from '../../src/registry/client/registry-client.ts';
import { createBuildahSandbox } from '../../src/sandbox/create-buildah-sandbox.ts';
import { usualLimits } from '../../src/sandbox/sandbox.ts';
import type { ImageSpec } from '../../src/spec/image-spec.ts';
import { toPackageLines } from '../../src/spec/package-lines.ts';
import { createThreadPool } from '../../src/threads/thread-pool.ts';
import { makeBase } from '../bases/make-base.ts';
import { pushLayout } from '../bases/push-layout.ts';
import { openBuildah } from '../buildah.ts';
import { type DockerRegistry, startDockerRegistry } from '../docker-registry.ts';
import { type ImagewrightRun, runImagewright } from '../imagewright.ts';
import { makeSdist } from '../make-sdist.ts';
import { neighbourPlaces, openNeighbourRoom } from '../neighbour-room.ts';
import { type PackageIndex, startPackageIndex } from '../package-index.ts';

const canary = 'only-the-host-may-know-this';
const password = 'word-of-the-index';
let registry: DockerRegistry;
let index: PackageIndex;
let directory: string;
let base: string;

const lookAround = (port: string) => `
import glob, socket
for path in [
    "${'$DIRECTORY'}/canary",
    *glob.glob("/proc/*/root${'$DIRECTORY'}/canary"),
    *[path for place in $PLACES for path in glob.glob(place)],
]:
    try:
        print(open(path).read())
    except OSError:
        pass
for place in [("127.0.0.1", ${port}), ("127.0.0.1", 3128)]:
    try:
        socket.create_connection(place, 2)
        print("reached", place)
    except OSError:
        pass
print(dict(os.environ), os.listdir("/dev"), os.listdir("/sys"))
for path in glob.glob("/proc/*/environ"):
    try:
        print(open(path, "rb").read())
    except OSError:
        pass
try:
    open("/run/imagewright/inputs/more", "w")
    print("wrote to the host")
except OSError:
    pass
print("that is all there is")
`;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'imagewright-sdists-'));
  await writeFile(join(directory, 'canary'), canary);
  registry = await startDockerRegistry();
  const [, port] = registry.host.split(':');
  const look = lookAround(port!)
    .replaceAll('$DIRECTORY', directory)
    .replace('$PLACES', JSON.stringify(neighbourPlaces(cacheDir())));
  index = await startPackageIndex(
    [
      { name: 'from-wheel' },
      {
        name: 'helper',
        files: { 'helper.py': 'word = "helped"\ndef main(): pass\n' },
        scripts: { 'help-it': 'helper:main' },
      },
      makeSdist({ name: 'plain', requires: ['deeper>=1'], whenBuilt: 'print("is being built")' }),
      makeSdist({ name: 'deeper', requires: ['from-wheel'] }),
      makeSdist({
        name: 'needy',
        asksFor: ['helper'],
        whenBuilt:
          'import helper, shutil, subprocess\nprint(helper.word, shutil.which("help-it"))\nsubprocess.check_call(["help-it"])',
      }),
      makeSdist({ name: 'undeclared', whenAsked: 'import numpy' }),
      makeSdist({ name: 'unbuildable', buildRequires: ['plain'] }),
      makeSdist({ name: 'by-url', buildRequires: ['x @ https://example.com/x-1-py3-none-any.whl'] }),
      makeSdist({ name: 'lying', whenAsked: 'global metadata\nmetadata = metadata.replace("lying", "numpy")' }),
      makeSdist({ name: 'changeling', whenBuilt: 'global info\ninfo = "other-1.0.dist-info"' }),
      makeSdist({ name: 'curious', whenAsked: look, whenBuilt: `${look}\nraise RuntimeError("enough")` }),
      makeSdist({
        name: 'lingering',
        whenBuilt: 'import subprocess\nsubprocess.Popen(["setsid", "sleep", "331"], start_new_session=True)',
      }),
      makeSdist({
        name: 'forking',
        whenAsked: 'while True:\n    try:\n        os.fork()\n    except OSError:\n        pass',
      }),
      { filename: 'torn-1.0.tar.gz', bytes: Buffer.from('not gzip') },
    ],
    { credentials: `me:${password}` },
  );
  base = await pushLayout(await makeBase('debian12'), `${registry.host}/base/debian12:latest`);
});
afterAll(async () => {
  await index?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

/** Of the builds. */
const cacheDir = () => join(directory, 'data/cache');

const indexUrl = () => index.url.replace('http://', `http://me:${password}@`);

async function run(
  command: 'build' | 'lock',
  pip: readonly string[],
  { path, more = [] }: { path?: string; more?: readonly string[] } = {},
): Promise<ImagewrightRun> {
  const spec = join(directory, 'spec.yaml');
  await writeFile(spec, JSON.stringify({ name: 'x', base, packages: { pip } }));
  const to = command === 'build' ? ['--to', `${registry.host}/x/`] : [];
  const env = { REGISTRY_AUTH_FILE: '', UV_INDEX_URL: indexUrl(), ...(path !== undefined && { PATH: path }) };
  return runImagewright([command, spec, ...to, '--data', join(directory, 'data'), '--json', ...more], { env });
}
const told = ({ stdout, stderr }: ImagewrightRun) => `${stdout}\n${stderr}`;

describe('a package that comes as source', () => {
  it('is built with what it needs, from a lock that says all of it, and not again', async () => {
    const lockFile = join(directory, 'lock.json');
    const built = await run('build', ['plain', 'needy'], { more: ['--lock-out', lockFile] });
    expect(built.exitCode, told(built)).toBe(0);
    expect(built.stdout).toContain('is being built');
    expect(built.stdout).toMatch(/helped \/imagewright-build\/env\/bin\/help-it/);
    const text = await readFile(lockFile, 'utf8');
    expect(text).not.toContain(password);
    const { packages } = JSON.parse(text) as Lock;
    expect(packages.map(({ name }) => name)).toEqual(['deeper', 'from-wheel', 'needy', 'plain']);
    expect(packages[1]).toMatchObject({ filename: 'from_wheel-1.0-py3-none-any.whl' });
    expect(packages[0]).toMatchObject({ filename: 'deeper-1.0.tar.gz', requiredBy: ['plain'], buildRequires: [] });
    expect(packages[2]).toMatchObject({
      filename: 'needy-1.0.tar.gz',
      buildRequires: [{ name: 'helper', version: '1.0', filename: 'helper-1.0-py3-none-any.whl' }],
    });

    // Where no room can be opened, what has been built is there all the same.
    const options = ['--from-lock', lockFile, '--to', `${registry.host}/elsewhere/`];
    const again = await run('build', ['plain', 'needy'], { path: await onlyShell(), more: options });
    expect(again.exitCode, told(again)).toBe(0);
    expect(again.stdout).not.toContain('"output"');
    const elsewhere = await run('build', ['plain'], { more: [...options, '--data', join(directory, 'elsewhere')] });
    const digestIn = ({ stdout }: ImagewrightRun) => /"digest":"(sha256:[0-9a-f]+)"[^\n]*\n?$/.exec(stdout)?.[1];
    expect(digestIn(again)).toBe(digestIn(built));
    expect(digestIn(elsewhere)).toBe(digestIn(built));
  });

  it('is built when a line names it by URL, and says where it came from', async () => {
    const lockFile = join(directory, 'lock-by-url.json');
    const url = index.fileUrl('plain-1.0.tar.gz');
    const built = await run('build', [`plain @ ${url}`], { more: ['--lock-out', lockFile] });
    expect(built.exitCode, told(built)).toBe(0);
    const { packages } = JSON.parse(await readFile(lockFile, 'utf8')) as Lock;
    expect(packages.map(({ name }) => name)).toEqual(['deeper', 'from-wheel', 'plain']);
    expect(packages[2]).toMatchObject({
      url,
      directUrl: url,
      version: '1.0',
      filename: 'plain-1.0.tar.gz',
      buildRequires: [],
    });
    await using buildah = await openBuildah();
    const { image } = JSON.parse(built.stdout.trim().split('\n').at(-1)!) as { image: string };
    await using container = await buildah.from(image.replace(/:[^:/@]+@/, '@'));
    const library = join(container.root, 'usr/local/lib/python3.11/dist-packages');
    const directUrl = JSON.parse(await readFile(join(library, 'plain-1.0.dist-info/direct_url.json'), 'utf8'));
    // PEP 610: the hash of the archive at the URL.
    expect(directUrl).toMatchObject({ url, archive_info: { hashes: { sha256: packages[2]!.sha256 } } });
    const again = await run('lock', [`lying @ ${index.fileUrl('lying-1.0.tar.gz')}`]);
    expect(told(again)).toMatch(/"line":1.*says that it is/s);
  });

  it('is told at its line with the cause when it cannot be built', async () => {
    const answer = await run('lock', ['undeclared', 'unbuildable', 'by-url', 'lying', 'torn', 'deeper']);
    expect(answer.exitCode).toBe(3);
    const problems = [...told(answer).matchAll(/"line":(\d)/g)].map(([, line]) => Number(line));
    expect(problems).toEqual([1, 2, 3, 4, 5]);
    expect(told(answer)).toContain('needs the Python module numpy, which it does not declare');
    expect(told(answer)).toContain('requires plain, of which there is no wheel');
    expect(told(answer)).toContain('by URL');
    expect(told(answer)).toContain('says that it is');
    expect(told(answer)).toContain('not a gzipped tar archive');
  });

  it('fails the build when the wheel is not what was locked', async () => {
    const answer = await run('build', ['changeling']);
    expect(answer.exitCode).toBe(4);
    expect(told(answer)).toMatch(/changeling.*cannot be installed/);
  });

  it('is refused on a machine without buildah', async () => {
    const answer = await run('lock', ['lingering'], { path: await onlyShell() });
    expect(answer.exitCode).toBe(3);
    expect(told(answer)).toMatch(/lingering.*buildah/s);
  });
});

describe('code of a source', () => {
  it('finds nothing of the host or of other builds, no network, no secret, and fails the build with the cause', async () => {
    await using _ = await openNeighbourRoom({ cacheDir: cacheDir(), base, word: canary });
    process.env.IMAGEWRIGHT_CANARY = canary;
    const answer = await run('build', ['curious']);
    delete process.env.IMAGEWRIGHT_CANARY;
    expect(answer.exitCode).toBe(4);
    expect(answer.stdout).toContain('that is all there is');
    expect(told(answer)).not.toContain(canary);
    expect(told(answer)).not.toContain(password);
    expect(told(answer)).not.toMatch(/reached|wrote to the host/);
    expect(answer.stderr).toMatch(/curious.*RuntimeError: enough/);
  });

  it('leaves nothing running', async () => {
    const answer = await run('build', ['lingering']);
    expect(answer.exitCode, told(answer)).toBe(0);
    const lines = await Promise.all((await readdir('/proc')).map((pid) => commandLineOf(pid)));
    expect(lines.filter((line) => line.includes('sleep\u0000331'))).toEqual([]);
  });

  it('is held when it forks without end', async () => {
    const http = createHttpClient({ env: {} });
    const client = createRegistryClient({ http, credentials: noCredentials });
    const signal = new AbortController().signal;
    const limits = { ...usualLimits, processes: 60 };
    const sandbox = createBuildahSandbox({ cacheDir: cacheDir() });
    await using threads = createThreadPool();
    const assembler = createLayerAssembler({ cacheDir: cacheDir(), threads });
    const rooms = createBaseRooms({ sandbox, client, installers: [], laidDown: [], assembler, limits });
    const indexes = { default: indexUrl(), extra: [] };
    using pip = createPipSupport({ cacheDir: cacheDir(), env: { PATH: process.env.PATH }, http, indexes, rooms });
    const { lines } = toPackageLines('forking', 'packages.pip');
    const spec: ImageSpec = { name: 'x', base, type: 'universal', packages: { apt: [], conda: [], pip: lines } };
    const parts = { client, threads, cacheDir: cacheDir() };
    const opened = await openBase({ spec, platform: defaultPlatform, signal, onEvent() {} }, parts);
    const rootfs = await opened.rootfs();
    const below = { base: opened.image, rootfs, packages: [] };
    const started = Date.now();
    const answer = await pip.resolver.resolve({ lines, base: opened.image, rootfs, below, fresh: false, signal });
    expect(answer).toMatchObject({
      problems: [{ line: 1, code: 'limit-exceeded', message: expect.stringContaining('60 processes') }],
    });
    expect(Date.now() - started).toBeLessThan(30_000);
  });
});

async function commandLineOf(pid: string): Promise<string> {
  return /^\d+$/.test(pid) ? readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '') : '';
}

/** A search path with what starts the program, and no more. */
async function onlyShell(): Promise<string> {
  const bin = join(directory, 'bin');
  await mkdir(bin, { recursive: true });
  for (const name of ['sh', 'dirname', 'readlink']) {
    await symlink(`/usr/bin/${name}`, join(bin, name)).catch((error) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
  return bin;
}
