import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPython } from '../../../test/build-python.ts';
import { type IndexedFile, makeWheel, type PackageIndex, startPackageIndex } from '../../../test/package-index.ts';
import { buildResolveRequest } from '../../../test/resolve-request.ts';
import { createHttpClient } from '../../http/create-http-client.ts';
import type { LockedWheel } from '../../lock/lock.ts';
import type { Resolution } from '../../lock/resolver.ts';
import type { InstalledDistribution, PythonEnvironment } from '../../rootfs/python-environment.ts';
import type { LikelyPython } from '../../rootfs/watch-for-python.ts';
import type { WantedFile } from '../package-store.ts';
import { createPipResolver } from './pip-resolver.ts';
import type { WheelStore } from './wheel-store.ts';

const untold = makeWheel({ name: 'untold' });

const wheels = [
  {
    name: 'app',
    requires: ['lib>=1', 'extra-lib; extra == "more"', 'nothing; python_version < "3"'],
    extras: ['more'],
  },
  { name: 'lib' },
  { name: 'lib', version: '2.0' },
  { name: 'extra-lib' },
  { name: 'old-user', requires: ['lib<2'] },
  { name: 'new-user', requires: ['lib>=2'] },
  { name: 'table' },
  { name: 'table', version: '2.0', requires: ['source; extra == "sheet"'], extras: ['sheet'] },
  { name: 'needs-gone', requires: ['gone-for-ever'] },
  { name: 'tomorrow', requiresPython: '>=3.12' },
  { name: 'elsewhere', tag: 'cp311-cp311-win_amd64' },
  { name: 'newer-libc', tag: 'cp311-cp311-manylinux_2_39_x86_64' },
  { name: 'native', tag: 'cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64' },
  { name: 'native', tag: 'cp311-cp311-manylinux_2_28_x86_64' },
  { name: 'native' },
  { filename: 'source-1.0.tar.gz', bytes: Buffer.from('x') } satisfies IndexedFile,
  { filename: 'broken-1.0-py3-none-any.whl', bytes: Buffer.from('x') } satisfies IndexedFile,
];

let index: PackageIndex;
let cacheDir: string;
beforeAll(async () => {
  index = await startPackageIndex(wheels);
  cacheDir = await mkdtemp(join(tmpdir(), 'pip-'));
});
afterAll(async () => {
  await index.close();
  await rm(cacheDir, { recursive: true, force: true });
});

const installedOf = (
  name: string,
  version: string,
  more: Partial<InstalledDistribution> = {},
): InstalledDistribution => {
  const location =
    more.owner === 'system' ? '/usr/lib/python3/dist-packages' : '/usr/local/lib/python3.11/dist-packages';
  const metadataPath = `${location}/${name}-${version}.dist-info`;
  return {
    name,
    version,
    location,
    metadataPath,
    owner: 'pip',
    files: [`${metadataPath}/RECORD`],
    requires: [],
    ...more,
  };
};

const resolverFor = (python: PythonEnvironment = buildPython(), url = index.url, wheels?: WheelStore) =>
  createPipResolver({
    cacheDir,
    env: { PATH: process.env.PATH, UV_HTTP_RETRIES: '0' },
    indexes: { default: url, extra: [] },
    http: createHttpClient({ env: {} }),
    findPython: () => python,
    searchMs: 15_000,
    ...(wheels && { wheels }),
  });

const ask = (lines: string, python?: PythonEnvironment, files: Record<string, string> = {}) =>
  resolverFor(python).resolve(buildResolveRequest(lines, files));
const solutionOf = async (...asked: Parameters<typeof ask>): Promise<Resolution> => {
  const answer = await ask(...asked);
  if ('problems' in answer) throw new Error(JSON.stringify(answer.problems));
  return answer.resolution;
};
const problemsOf = async (...asked: Parameters<typeof ask>) => {
  const answer = await ask(...asked);
  if ('resolution' in answer) throw new Error('it was solved');
  return answer.problems;
};
const versions = ({ packages }: Resolution) => packages.map(({ name, version }) => `${name} ${version}`);

describe('prefetching', () => {
  const prefetchedFor = async (likelyPython: Promise<LikelyPython>, packagesToo = true, signal = never) => {
    const prefetched: WantedFile[] = [];
    const store = { prefetch: (wanted: readonly WantedFile[]) => prefetched.push(...wanted) } as Partial<WheelStore>;
    const { lines, base } = buildResolveRequest('app\nnative');
    const resolver = resolverFor(undefined, index.url, store as WheelStore);
    await resolver.prefetch({ lines, base, signal, likelyPython, packagesToo });
    return prefetched.map(({ filename }) => filename);
  };
  const never = new AbortController().signal;

  it('begins to fetch the wheels for the Python that is likely', async () => {
    const likely = Promise.resolve({ version: '3.11', libcFamily: 'glibc' } as const);
    expect(await prefetchedFor(likely)).toEqual([
      'app-1.0-py3-none-any.whl',
      'lib-2.0-py3-none-any.whl',
      'native-1.0-cp311-cp311-manylinux_2_28_x86_64.whl',
    ]);
    expect(await prefetchedFor(likely, false)).toEqual([]);
  });

  it('ends without wheels when the base is known before a Python shows', async () => {
    expect(await prefetchedFor(new Promise(() => {}), true, AbortSignal.timeout(400))).toEqual([]);
  });

  it('has the index asked before a Python shows', async () => {
    const other = await startPackageIndex([{ name: 'app' }]);
    const known = new AbortController();
    const { lines, base } = buildResolveRequest('app');
    const request = {
      lines,
      base,
      signal: known.signal,
      likelyPython: new Promise<never>(() => {}),
      packagesToo: true,
    };
    const prefetched = resolverFor(undefined, other.url).prefetch(request);
    await expect.poll(() => other.requests, { timeout: 10_000 }).toContain('/simple/app/');
    known.abort();
    await prefetched;
    await other.close();
  });

  it('ends at once when the base is known, and keeps nobody waiting for a Python to show', async () => {
    const known = new AbortController();
    const ended = prefetchedFor(new Promise(() => {}), true, known.signal).then(() => 'ended');
    known.abort();
    expect(await Promise.race([ended, setImmediate('still waiting')])).toBe('ended');
  });
});

describe('solving', () => {
  it('locks what the lines mean, and why', async () => {
    const { packages, python, satisfied, notices } = await solutionOf('# tools\nApp[more]>=1\n');
    expect(packages).toMatchObject([
      { name: 'app', version: '1.0', requestedBy: ['app[more]>=1'], requiredBy: [] },
      { name: 'extra-lib', requestedBy: [], requiredBy: ['app'] },
      { name: 'lib', version: '2.0', requestedBy: [], requiredBy: ['app'] },
    ]);
    expect(packages[0]).toMatchObject({
      ecosystem: 'pip',
      filename: 'app-1.0-py3-none-any.whl',
      url: index.fileUrl('app-1.0-py3-none-any.whl'),
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      sizeBytes: expect.any(Number),
    });
    expect(packages[0]).not.toHaveProperty('replaces');
    expect(python).toMatchObject({ executable: '/usr/bin/python3', version: '3.11.2' });
    expect([satisfied, notices]).toEqual([[], [expect.stringContaining('PEP 668')]]);
  });

  it('takes the wheel that fits the base best', async () => {
    const filename = async (python: PythonEnvironment) =>
      ((await solutionOf('native', python)).packages[0] as LockedWheel).filename;
    expect(await filename(buildPython())).toContain('manylinux_2_28');
    expect(await filename(buildPython({ libc: { family: 'glibc', version: '2.27' } }))).toContain('manylinux2014');
    expect(await filename(buildPython({ libc: { family: 'musl', version: '1.2' } }))).toContain('none-any');
    expect(await filename(buildPython({ version: '3.12.1' }))).toContain('none-any');
  });

  it('leaves out lines whose marker does not hold', async () => {
    const resolution = await solutionOf('lib\ngone-for-ever; sys_platform == "win32"');
    expect(versions(resolution)).toEqual(['lib 2.0']);
    expect(resolution.notices).toContainEqual(expect.stringContaining('Line 2'));
  });

  it('takes a wheel by URL, measured when no index tells of it', async () => {
    await using other = await startPackageIndex([{ filename: 'untold-1.0-py3-none-any.whl', bytes: untold }]);
    const url = other.fileUrl('untold-1.0-py3-none-any.whl');
    const { packages } = await solutionOf(`untold @ ${url}\nlib`);
    expect(packages[1]).toMatchObject({ name: 'untold', directUrl: url, url, sizeBytes: untold.length });
  });
});

describe('what the base has', () => {
  it('stays when it satisfies, even where no index has it', async () => {
    const installed = [installedOf('lib', '1.0'), installedOf('only-here', '3.0+local.1', { requires: ['lib>=1'] })];
    const resolution = await solutionOf('app\nonly-here', buildPython({ installed }));
    expect(versions(resolution)).toEqual(['app 1.0']);
    expect(resolution.satisfied).toEqual([
      { name: 'lib', version: '1.0' },
      { name: 'only-here', version: '3.0+local.1' },
    ]);
  });

  it('goes when it does not, by its owner', async () => {
    const replaced = await solutionOf('new-user', buildPython({ installed: [installedOf('lib', '1.0')] }));
    expect((replaced.packages[0] as LockedWheel).replaces).toEqual({
      version: '1.0',
      metadataPath: '/usr/local/lib/python3.11/dist-packages/lib-1.0.dist-info',
    });
    expect(replaced.packages[0]!.requiredBy).toEqual(['new-user']);
    const system = buildPython({ installed: [installedOf('lib', '1.0', { owner: 'system' })] });
    const shadowed = await solutionOf('new-user', system);
    expect(shadowed.packages[0]).not.toHaveProperty('replaces');
    expect(shadowed.notices).toContainEqual(expect.stringContaining('lib 1.0 belongs'));
  });

  it('is not replaced where nobody knows its files', async () => {
    const { files: _files, ...unlisted } = installedOf('lib', '1.0');
    const problems = await problemsOf('extra-lib\nnew-user', buildPython({ installed: [unlisted] }));
    expect(problems).toMatchObject([{ line: 2, code: 'package-irremovable' }]);
  });

  it('is told of when it breaks', async () => {
    const installed = [
      installedOf('lib', '1.0'),
      installedOf('bound', '4.0', { requires: ['lib<2', 'lib<1; extra == "x"'] }),
    ];
    const { notices } = await solutionOf('lib>=2', buildPython({ installed }));
    expect(notices).toContain('bound 4.0 of the base requires lib<2, but 2.0 will be installed.');
    expect(notices.filter((notice) => notice.includes('bound'))).toHaveLength(1);
  });

  it('gives way to a URL, unless it came from there', async () => {
    const url = index.fileUrl('lib-2.0-py3-none-any.whl');
    const installed = [installedOf('lib', '2.0')];
    const path = `${installed[0]!.metadataPath}/direct_url.json`;
    expect(versions(await solutionOf(`lib @ ${url}`, buildPython({ installed })))).toEqual(['lib 2.0']);
    expect(
      versions(await solutionOf(`lib @ ${url}`, buildPython({ installed }), { [path]: JSON.stringify({ url }) })),
    ).toEqual([]);
  });

  it('may have odd metadata', async () => {
    const installed = [
      installedOf('odd', '1.0ubuntu1'),
      installedOf('lib', '1.0', { requires: ['not a requirement', 'x @ file:///etc/passwd; extra == "y"'] }),
    ];
    expect((await solutionOf('lib', buildPython({ installed }))).satisfied).toEqual([{ name: 'lib', version: '1.0' }]);
  });
});

describe('problems', () => {
  it('come all together, each at its line', async () => {
    const lines = [
      'lib',
      'sklearn',
      '-r more.txt',
      'lib2 lib3',
      'tomorrow',
      'source',
      'elsewhere',
      'newer-libc',
      'extra-lib>=9',
      'needs-gone',
      'old-user',
      'new-user',
      'broken',
    ];
    const problems = await problemsOf(lines.join('\n'));
    expect(problems.map(({ line, code }) => [line, code])).toEqual([
      [2, 'package-not-found'],
      [3, 'option-unsupported'],
      [4, 'several-packages'],
      [5, 'python-incompatible'],
      [6, 'no-wheel'],
      [7, 'no-wheel'],
      [8, 'no-wheel'],
      [9, 'version-not-found'],
      [10, 'package-not-found'],
      [11, 'conflict'],
      [12, 'conflict'],
      [13, 'package-corrupt'],
    ]);
    const said = (line: number) => problems.find((problem) => problem.line === line)!;
    expect(said(2).hint).toBe('Did you mean scikit-learn?');
    expect(said(5).message).toContain('Python 3.11.2 of the base');
    expect(said(9).message).toContain('extra-lib==1.0');
    expect(said(10).message).toContain('gone-for-ever');
    expect(said(11).message).toMatch(/old-user.*lib<2.*new-user/);
    expect(problems.every(({ message }) => !message.includes('\n'))).toBe(true);
  });

  it('leave innocent lines alone', async () => {
    const problems = await problemsOf('lib\nextra-lib\nold-user\nnew-user');
    expect(problems.map(({ line }) => line)).toEqual([3, 4]);
  });

  it('of an extra are not dodged with an old version', async () => {
    expect(await problemsOf('lib\ntable[sheet]')).toMatchObject([
      { line: 2, code: 'no-wheel', message: expect.stringContaining('source') },
    ]);
    const { packages, notices } = await solutionOf('lib[nothing]');
    expect([packages[0]!.name, notices]).toEqual(['lib', expect.arrayContaining(['lib 2.0 has no extra "nothing".'])]);
  });

  it('of one name on two lines stand at both', async () => {
    expect(await problemsOf('lib>=2\nlib<2')).toMatchObject([
      { line: 1, code: 'conflict' },
      { line: 2, code: 'conflict' },
    ]);
    const [a, b] = ['1.0', '2.0'].map((version) => index.fileUrl(`lib-${version}-py3-none-any.whl`));
    expect(resolverFor().check(buildResolveRequest(`lib @ ${a}\nlib @ ${b}`).lines)).toMatchObject([
      { line: 2, code: 'conflict' },
    ]);
    expect(versions(await solutionOf('lib>=1\nlib<2'))).toEqual(['lib 1.0']);
  });

  it('of a URL with nothing there', async () => {
    const url = index.fileUrl('gone-1.0-py3-none-any.whl');
    expect(await problemsOf(`lib\ngone @ ${url}`)).toMatchObject([{ line: 2, code: 'package-not-found' }]);
  });

  it('of the base stand at the base', async () => {
    for (const python of [
      buildPython({ libc: { family: 'glibc', version: '2.12' } }),
      buildPython({ architecture: 's390x' }),
      buildPython({ freeThreaded: true }),
    ]) {
      expect(await problemsOf('lib', python)).toMatchObject([{ field: 'base', code: 'base-unsupported' }]);
    }
  });
});

describe('indexes', () => {
  it('are asked with their credentials, which nobody sees', async () => {
    await using closed = await startPackageIndex([{ name: 'lib' }], { credentials: 'me:canary' });
    const secret = closed.url.replace('//', '//me:canary@');
    const answer = await resolverFor(buildPython(), secret).resolve(buildResolveRequest('lib'));
    expect(answer).toMatchObject({ resolution: { packages: [{ name: 'lib' }] } });
    expect(JSON.stringify(answer)).not.toContain('canary');
    expect(await resolverFor(buildPython(), secret).fingerprint()).toBe(
      await resolverFor(buildPython(), closed.url).fingerprint(),
    );
    const wrong = closed.url.replace('//', '//me:canary-wrong@');
    const failure = await resolverFor(buildPython(), wrong)
      .resolve(buildResolveRequest('lib'))
      .catch((error) => error);
    expect(failure).toMatchObject({ code: 'registry-unavailable', message: expect.stringContaining('401') });
    expect(`${failure.message}${failure.hint}`).not.toContain('canary');
  });

  it('that cannot be reached are an error, not a problem', async () => {
    const failure = await resolverFor(buildPython(), 'http://me:canary@127.0.0.1:9/simple/')
      .resolve(buildResolveRequest('lib'))
      .catch((error) => error);
    expect(failure).toMatchObject({ code: 'registry-unavailable', message: expect.stringContaining('127.0.0.1:9') });
    expect(failure.message).not.toContain('canary');
  });

  it('change the fingerprint', async () => {
    const one = await resolverFor().fingerprint();
    expect(one).toMatch(/^uv \d+\.\d+\.\d+ sha256:/);
    expect(await resolverFor(buildPython(), 'https://other.example.com/simple').fingerprint()).not.toBe(one);
  });
});

it('stops when it is told to, and says when uv is missing', async () => {
  const controller = new AbortController();
  controller.abort();
  const request = buildResolveRequest('lib');
  await expect(resolverFor().resolve({ ...request, signal: controller.signal })).rejects.toMatchObject({
    code: 'cancelled',
  });
  const options = {
    uv: '/nowhere/uv',
    cacheDir,
    env: {},
    http: createHttpClient({ env: {} }),
    findPython: () => buildPython(),
  };
  await expect(createPipResolver(options).resolve(request)).rejects.toMatchObject({ code: 'tool-missing' });
});
