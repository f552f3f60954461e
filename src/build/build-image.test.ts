import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BuildBed, startBuildBed } from '../../test/build-bed.ts';
import { makeWheel, startPackageIndex, type WheelRecipe, wheelFilename } from '../../test/package-index.ts';
import { syntheticBase } from '../../test/synthetic-base.ts';
import { formatLock } from '../lock/lock-digest.ts';
import { parseLock } from '../lock/parse-lock.ts';
import { digestOf, hexOf } from '../oci/digest.ts';
import { parseReference } from '../oci/reference.ts';

const site = '/usr/local/lib/python3.11/dist-packages';

const recipes: readonly WheelRecipe[] = [
  { name: 'app', requires: ['lib>=1'], scripts: { app: 'app:main' } },
  { name: 'lib', version: '1.0' },
  { name: 'lib', version: '2.0' },
  { name: 'extra' },
  {
    name: 'web',
    files: {
      'web/__init__.py': '',
      'web-1.0.data/data/share/web/index.html': '<p>',
      'web-1.0.data/data/etc/web.conf': 'a',
    },
  },
  { name: 'old', version: '1.0', files: { 'old/__init__.py': '', 'old/gone.py': '' } },
  { name: 'old', version: '2.0', files: { 'old/__init__.py': '2', 'old/new.py': '' } },
  ...Array.from({ length: 130 }, (_, i): WheelRecipe => ({ name: `many${i}` })),
];
const wheels = recipes.map((recipe) => ({ filename: wheelFilename(recipe), bytes: makeWheel(recipe) }));

/** What `pip install old==1.0` leaves. */
const installedOld = {
  'old/__init__.py': '',
  'old/gone.py': '',
  'old/__pycache__/gone.cpython-311.pyc': 'bytecode',
  'old-1.0.dist-info/METADATA': 'Metadata-Version: 2.1\nName: old\nVersion: 1.0\n',
  'old-1.0.dist-info/INSTALLER': 'pip\n',
  'old-1.0.dist-info/RECORD':
    'old/__init__.py,,\nold/gone.py,,\nold-1.0.dist-info/METADATA,,\nold-1.0.dist-info/INSTALLER,,\nold-1.0.dist-info/RECORD,,\n',
};

let bed: BuildBed;
beforeAll(async () => {
  bed = await startBuildBed(wheels, syntheticBase(installedOld));
}, 60_000);
afterAll(() => bed[Symbol.asyncDispose]());

const code = (error: unknown) => (error as { code?: string }).code;
const tagOf = async (to: string) => {
  const { repository, tag } = parseReference(to);
  return bed.client.headManifest(repository, tag!);
};

describe('a build', () => {
  it('puts a layer a package on the base and keeps how it starts', async () => {
    const result = await bed.build({ pip: 'app\nweb' });
    const { config, tree } = await bed.validate(result);
    expect(result).toMatchObject({ upToDate: false, layers: { base: 1, added: 3, pushed: 3, mounted: 1 } });
    expect(config.config).toMatchObject({ User: '1000', Entrypoint: ['/start'] });
    expect(
      config.history
        ?.map((step) => step.created_by)
        .slice(1)
        .sort(),
    ).toEqual(['pip: app 1.0', 'pip: lib 2.0', 'pip: web 1.0']);
    expect(tree.get('/usr/local/bin/app')).toMatchObject({ type: 'file', mode: 0o755, uid: 0 });
    expect(tree.get('/usr/local/etc')).toMatchObject({ type: 'directory', mode: 0o700, uid: 1000 });
    expect(tree.get('/bin')).toMatchObject({ type: 'symlink', linkPath: 'usr/bin' });
    expect([...tree.keys()]).toEqual(
      expect.arrayContaining([`${site}/lib/__init__.py`, '/usr/local/share/web/index.html']),
    );
  });

  it('gives the same digest from clean caches, and whatever comments, order and name', async () => {
    const first = await bed.build({ pip: 'app\nweb', cache: 'machine-a', to: `${bed.registry}/a/` });
    const second = await bed.build({
      pip: '# tools\nweb\n\napp  # the app',
      cache: 'machine-b',
      to: `${bed.registry}/b/`,
      name: 'other',
    });
    expect(second.digest).toBe(first.digest);
    expect(second.revision).toBe(first.revision);
  });

  it('says "already built" without touching a layer', async () => {
    const first = await bed.build({ pip: 'extra' });
    const again = await bed.build({ pip: 'extra' });
    expect(again).toMatchObject({
      upToDate: true,
      digest: first.digest,
      bytesPushed: 0,
      layers: { added: 0, pushed: 0 },
    });
    expect(again.events.some((event) => event.type === 'planned')).toBe(false);
  });

  it('sends only configuration and manifest when the registry knows all packages', async () => {
    await bed.build({ pip: 'app' });
    const second = await bed.build({ pip: 'app', to: `${bed.registry}/elsewhere/` });
    expect(second.layers).toEqual({ base: 1, added: 2, pushed: 0, mounted: 3 });
    expect(second.bytesPushed).toBeLessThan(8000);
  });

  it('makes the same image from a lock, though the index has something newer', async () => {
    const first = await bed.build({ pip: 'app\nlib<2', to: `${bed.registry}/locked:a` });
    const fromLock = parseLock(Buffer.from(formatLock(first.lock)));
    const again = await bed.build({
      pip: 'app\nlib<2',
      fromLock,
      cache: 'other-machine',
      to: `${bed.registry}/locked:b`,
    });
    expect(again.digest).toBe(first.digest);
  });

  it('removes what pip had put there before the new version comes', async () => {
    const result = await bed.build({ pip: 'old>=2', to: `${bed.registry}/upgraded/` });
    const { tree, config } = await bed.validate(result);
    const left = [...tree.keys()].filter((path) => path.startsWith(`${site}/old`) && tree.get(path)!.type === 'file');
    expect(left.map((path) => path.slice(site.length + 1)).sort()).toEqual([
      'old-2.0.dist-info/INSTALLER',
      'old-2.0.dist-info/METADATA',
      'old-2.0.dist-info/RECORD',
      'old-2.0.dist-info/REQUESTED',
      'old-2.0.dist-info/WHEEL',
      'old/__init__.py',
      'old/new.py',
    ]);
    expect(config.history?.at(-2)?.created_by).toBe('remove what is replaced');
  });

  it('leaves the base alone when that satisfies', async () => {
    const result = await bed.build({ pip: 'old', to: `${bed.registry}/satisfied/` });
    expect(result.lock.packages).toEqual([]);
    expect((await bed.validate(result)).manifest.layers).toHaveLength(1);
  });

  it('keeps within the layers that runtimes take, however many packages', async () => {
    const pip = Array.from({ length: 130 }, (_, i) => `many${i}`).join('\n');
    const result = await bed.build({ pip, to: `${bed.registry}/many/` });
    const { manifest, tree } = await bed.validate(result);
    expect(manifest.layers.length).toBeLessThanOrEqual(100);
    for (let i = 0; i < 130; i++) expect(tree.has(`${site}/many${i}/__init__.py`)).toBe(true);
  });

  it.each(['gzip', 'none'] as const)('makes %s layers where these are chosen', async (compression) => {
    const result = await bed.build({ pip: 'app', compression, to: `${bed.registry}/plain-${compression}/` });
    const { manifest } = await bed.validate(result);
    expect(new Set(manifest.layers.slice(1).map((layer) => layer.mediaType)).size).toBe(1);
    expect(manifest.layers[1]!.mediaType).toMatch(compression === 'gzip' ? /tar\+gzip$/ : /tar$/);
  });

  it('makes everything again when told to use no cache, and it is the same', async () => {
    const first = await bed.build({ pip: 'app' });
    const again = await bed.build({ pip: 'app', noCache: true, lockMaxAgeMs: 0 });
    expect(again).toMatchObject({ upToDate: false, digest: first.digest });
    expect(again.events.filter((event) => event.type === 'layer' && event.state === 'assembled')).toHaveLength(2);
  });
});

describe('a private index', () => {
  const secret = 'pass-word-4711';

  it('is asked with the credentials of its URL, which appear nowhere else', async () => {
    await using index = await startPackageIndex(wheels, { credentials: `alice:${secret}` });
    const indexUrl = index.url.replace('http://', `http://alice:${secret}@`);
    const { events, ...result } = await bed.build({
      pip: 'app',
      indexUrl,
      cache: 'private',
      to: `${bed.registry}/private/`,
    });
    const image = await bed.validate(result);
    expect(image.tree.has(`${site}/app/__init__.py`)).toBe(true);
    expect(JSON.stringify([events, result, image.config, image.manifest])).not.toContain(secret);
    const files = await readdir(join(bed.directory, 'private'), { recursive: true, withFileTypes: true });
    for (const file of files.filter((each) => each.isFile())) {
      expect((await readFile(join(file.parentPath, file.name))).includes(secret), file.name).toBe(false);
    }
  });

  it('that refuses says so without the credentials', async () => {
    await using index = await startPackageIndex(wheels, { credentials: `alice:${secret}` });
    const indexUrl = index.url.replace('http://', `http://alice:wrong-${secret}@`);
    const failed = bed.build({ pip: 'app', indexUrl, cache: 'refused' });
    const error = await failed.then(
      () => undefined,
      (reason) => reason,
    );
    expect(error).toMatchObject({ name: 'BuilderError' });
    expect(JSON.stringify([error.message, error.hint, error.problems])).not.toContain(secret);
  });
});

describe('a build that fails', () => {
  it('tells all problems at once, each at its line', async () => {
    const failed = bed.build({ pip: 'app\n--index-url https://example.com\nno-such-package\nlib>=9' });
    const { problems } = await failed.then(
      () => ({ problems: [] }),
      (error) => error,
    );
    expect(problems.map((problem: { line: number; code: string }) => [problem.line, problem.code])).toEqual([
      [2, 'option-unsupported'],
      [3, 'package-not-found'],
      [4, 'version-not-found'],
    ]);
  });

  it('tags nothing and keeps a clean cache when a wheel is not what the index promised', async () => {
    const to = `${bed.registry}/lying:t`;
    const lock = (await bed.build({ pip: 'extra', to: `${bed.registry}/honest:t` })).lock;
    const [honest] = lock.packages;
    const sha256 = hexOf(digestOf('another wheel'));
    const fromLock = { ...lock, packages: [{ ...honest!, sha256 }] };
    const failed = bed.build({ pip: 'extra', fromLock, to, cache: 'spoilt' });
    await expect(failed).rejects.toSatisfy((error) => /corrupt|mismatch/.test(code(error) ?? ''));
    expect(await tagOf(to)).toBeUndefined();
    expect(await readdir(join(bed.directory, 'spoilt', 'wheels'))).toEqual([]);
  });

  it.each(['assemble', 'push'] as const)('leaves no tag when it is cancelled at the start of "%s"', async (step) => {
    const to = `${bed.registry}/cancelled-${step}:t`;
    const controller = new AbortController();
    const failed = bed.build({
      pip: 'app\nweb',
      to,
      signal: controller.signal,
      cache: `cancelled-${step}`,
      onEvent: (event) => {
        if (event.type === 'step' && event.step === step) controller.abort();
      },
    });
    await expect(failed).rejects.toThrow();
    expect(await tagOf(to)).toBeUndefined();
  });

  it.each([
    ['a base that is not there', { base: 'missing/base:1' }, 'base-not-found'],
    ['a platform the base is not for', { platform: { os: 'linux', architecture: 'arm64' } }, 'platform-unavailable'],
  ])('refuses %s', async (_what, options, expected) => {
    const base = 'base' in options ? `${bed.registry}/${options.base}` : `${bed.registry}/base:1`;
    const failed = bed.build({ pip: 'app', ...options, base });
    await expect(failed).rejects.toSatisfy((error) => code(error) === expected);
  });

  it('does not move a tag made from a revision', async () => {
    const { reference, revision } = await bed.build({ pip: 'extra', to: `${bed.registry}/fixed/` });
    const served = await bed.client.getManifest(reference.repository, revision);
    const changed = JSON.parse(served!.bytes.toString());
    changed.annotations['dev.imagewright.lock-digest'] = `sha256:${'0'.repeat(64)}`;
    const bytes = Buffer.from(JSON.stringify(changed));
    await bed.client.putManifest(reference.repository, revision, { bytes, mediaType: served!.mediaType });
    await expect(bed.build({ pip: 'extra', to: `${bed.registry}/fixed/` })).rejects.toThrow('names another image');
  });
});
