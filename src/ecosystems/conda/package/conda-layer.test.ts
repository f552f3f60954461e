import { hash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bzip2, type CondaRecipe, makeConda, makeTar, makeTarBz2 } from '../../../../test/make-conda-package.ts';
import { buildLockedConda } from '../../../../test/makers.ts';
import type { LayerEntry } from '../../../layers/layer-source.ts';
import { storedZip } from '../../archives/stored-zip.ts';
import { type CondaInput, openLayerSource } from './conda-layer.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'conda-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const placeholder = `/home/builder/_h_env_${'placehold_'.repeat(20)}`;
const prefix = '/opt/conda';
const index = { name: 'demo', version: '1.0', build: '0', build_number: 0, depends: [] };
const python = { version: '3.12', sitePackages: 'lib/python3.12/site-packages' };
const pkg: CondaInput['pkg'] = buildLockedConda({ name: 'demo', version: '1.0', build: '0', subdir: 'linux-64' });

interface Laid {
  readonly entry: LayerEntry;
  readonly bytes: Buffer;
}

/** What a package puts into an image, by path. */
async function layDown(bytes: Uint8Array, input: Partial<CondaInput> = {}): Promise<Map<string, Laid>> {
  const file = join(directory, 'package');
  writeFileSync(file, bytes);
  await using opened = await openLayerSource({ file, recordFile: `${file}.record`, prefix, pkg, ...input });
  const found = new Map<string, Laid>();
  for await (const entry of opened.entries()) {
    const pieces: Uint8Array[] = [];
    if (entry.content.type === 'bytes') pieces.push(entry.content.bytes);
    else if (entry.content.type === 'stream')
      for await (const piece of entry.content.open()) pieces.push(Buffer.from(piece));
    const whole = Buffer.concat(pieces);
    if (entry.content.type === 'stream') expect(whole.length).toBe(entry.content.sizeBytes);
    found.set(entry.path, { entry, bytes: whole });
  }
  const declared = opened.paths.filter(({ isDirectory }) => !isDirectory).map(({ path }) => path);
  expect([...found.keys()].sort()).toEqual(declared.sort());
  return found;
}

type Listed = Readonly<Record<string, unknown>>;

/** A package of these members, all of them listed unless told otherwise. */
function recipe(
  members: CondaRecipe['members'],
  listed?: Readonly<Record<string, Listed>>,
  more: CondaRecipe['info'] = {},
): CondaRecipe {
  const paths = Object.entries(listed ?? Object.fromEntries(Object.keys(members).map((path) => [path, {}])));
  const entries = paths.map(([path, fields]) => ({ _path: path, path_type: 'hardlink', ...fields }));
  return { members, info: { 'index.json': index, 'paths.json': { paths: entries, paths_version: 1 }, ...more } };
}

const textOf = (found: Map<string, Laid>, path: string) => found.get(path)?.bytes.toString();
const recordOf = (found: Map<string, Laid>) => JSON.parse(textOf(found, `${prefix}/conda-meta/demo-1.0-0.json`)!);

describe('openLayerSource', () => {
  it.each([
    ['.conda', makeConda],
    ['.tar.bz2', makeTarBz2],
  ])('puts the prefix into texts and programs, and keeps modes and times: %s', async (suffix, make) => {
    const large = Buffer.concat([Buffer.from(`\0${placeholder}/lib\0`), Buffer.alloc(3_000_000, 'x')]);
    const members = {
      'bin/tool': { content: `#!${placeholder}/bin/python\n`, mode: 0o755 },
      'lib/small.so': `\0${placeholder}/etc:${placeholder}\0end`,
      'lib/large.so': large,
      'share/plain.txt': { content: 'plain', mode: 0o664, mtimeSeconds: 1_600_000_000 },
      'share/ancient.txt': { content: 'old', mtimeSeconds: 0 },
    };
    const replaced = (file_mode: string) => ({ prefix_placeholder: placeholder, file_mode });
    const listed = {
      'bin/tool': replaced('text'),
      'lib/small.so': replaced('binary'),
      'lib/large.so': replaced('binary'),
      'share/plain.txt': { sha256: hash('sha256', 'plain'), size_in_bytes: 5 },
      'share/ancient.txt': {},
    };
    const found = await layDown(make(recipe(members, listed)), { pkg: { ...pkg, filename: `demo-1.0-0${suffix}` } });
    expect(textOf(found, '/opt/conda/bin/tool')).toBe('#!/opt/conda/bin/python\n');
    const gap = '\0'.repeat(2 * (placeholder.length - prefix.length));
    expect(textOf(found, '/opt/conda/lib/small.so')).toBe(`\0/opt/conda/etc:/opt/conda${gap}\0end`);
    expect(found.get('/opt/conda/lib/large.so')!.bytes.length).toBe(large.length);
    const { entry: tool } = found.get('/opt/conda/bin/tool')!;
    expect([tool.mode, tool.mtimeSeconds]).toEqual([0o755, 1_700_000_001]);
    const { entry: plain } = found.get('/opt/conda/share/plain.txt')!;
    expect([plain.mode, plain.mtimeSeconds]).toEqual([0o664, 1_600_000_000]);
    expect(found.get('/opt/conda/share/ancient.txt')!.entry.mtimeSeconds).toBe(315_619_200);
  });

  it('records what stands there, and what the channel says of the package', async () => {
    const url = 'https://conda.example.com/conda-forge/linux-64/demo-1.0-0.conda';
    const locked = { ...pkg, url, depends: ['patched >=2'], constrains: ['other <3'] };
    const members = {
      'lib/a.txt': `at ${placeholder}`,
      'lib/b.txt': { symlink: 'a.txt' },
      'lib/large': Buffer.alloc(2_500_000, 'l'),
    };
    const listed = {
      'lib/a.txt': {
        prefix_placeholder: placeholder,
        file_mode: 'text',
        sha256: hash('sha256', `at ${placeholder}`),
        no_link: true,
      },
      'lib/b.txt': { path_type: 'softlink' },
      'lib/large': {},
    };
    const record = recordOf(await layDown(makeConda(recipe(members, listed)), { pkg: locked }));
    expect(record).toMatchObject({
      ...{ name: 'demo', version: '1.0', build: '0', build_number: 0, url, fn: 'demo-1.0-0.conda', subdir: 'linux-64' },
      ...{
        depends: ['patched >=2'],
        constrains: ['other <3'],
        requested_specs: [],
      },
      channel: 'https://conda.example.com/conda-forge/linux-64',
      files: ['lib/a.txt', 'lib/b.txt', 'lib/large'],
    });
    expect(record.paths_data.paths[0]).toEqual({
      ...{
        _path: 'lib/a.txt',
        path_type: 'hardlink',
        no_link: true,
        file_mode: 'text',
        prefix_placeholder: placeholder,
      },
      sha256: hash('sha256', `at ${placeholder}`),
      sha256_in_prefix: hash('sha256', 'at /opt/conda'),
      size_in_bytes: 13,
    });
    expect(record.paths_data.paths[2].sha256_in_prefix).toBe(hash('sha256', Buffer.alloc(2_500_000, 'l')));
  });

  it('puts noarch Python where the environment looks, with programs for its entry points', async () => {
    const members = { 'site-packages/demo/__init__.py': 'x', 'python-scripts/old': 'y', 'share/demo.txt': 'z' };
    const info = {
      'index.json': { ...index, noarch: 'python' },
      'link.json': { noarch: { type: 'python', entry_points: ['demo = demo.cli:App.main'] } },
    };
    const found = await layDown(makeConda(recipe(members, undefined, info)), { python });
    expect([...found.keys()].slice(0, 4)).toEqual([
      '/opt/conda/lib/python3.12/site-packages/demo/__init__.py',
      '/opt/conda/bin/old',
      '/opt/conda/share/demo.txt',
      '/opt/conda/bin/demo',
    ]);
    expect(textOf(found, '/opt/conda/bin/demo')).toBe(
      "#!/opt/conda/bin/python3.12\n# -*- coding: utf-8 -*-\nimport re\nimport sys\n\nfrom demo.cli import App\n\nif __name__ == '__main__':\n" +
        "    sys.argv[0] = re.sub(r'(-script\\.pyw?|\\.exe)?$', '', sys.argv[0])\n    sys.exit(App.main())\n",
    );
    expect(found.get('/opt/conda/bin/demo')!.entry.mode).toBe(0o755);
    expect(recordOf(found).paths_data.paths.at(-1)).toMatchObject({
      _path: 'bin/demo',
      path_type: 'unix_python_entry_point',
    });
  });

  it('reads what packages said before there was paths.json', async () => {
    const members = {
      'bin/a': `#!${placeholder}/sh\n`,
      'lib/b': `\0${placeholder}\0`,
      'etc/c d': '/opt/anaconda1anaconda2anaconda3/x',
    };
    const info = {
      'index.json': index,
      files: 'bin/a\nlib/b\netc/c d\n',
      has_prefix: `${placeholder} text bin/a\n"${placeholder}" binary "lib/b"\netc/c d\n`,
      no_link: 'lib/b\n',
    };
    const found = await layDown(makeTarBz2({ members, info }), { pkg: { ...pkg, filename: 'demo-1.0-0.tar.bz2' } });
    expect(textOf(found, '/opt/conda/bin/a')).toBe('#!/opt/conda/sh\n');
    expect(textOf(found, '/opt/conda/lib/b')!.slice(0, 12)).toBe('\0/opt/conda\0');
    expect(textOf(found, '/opt/conda/etc/c d')).toBe('/opt/conda/x');
    expect(recordOf(found).paths_data.paths[1].no_link).toBe(true);
  });

  it('keeps links links, gives empty directories, and leaves out what is not listed', async () => {
    const members = {
      'lib/one': 'x',
      'lib/two': { hardlink: 'lib/one' },
      'lib/three': { symlink: '../lib/one' },
      'lib/unlisted': 'u',
    };
    const listed = {
      'lib/one': {},
      'lib/two': {},
      'lib/three': { path_type: 'softlink' },
      'var/empty': { path_type: 'directory' },
    };
    const file = join(directory, 'links');
    writeFileSync(file, makeConda(recipe(members, listed)));
    await using opened = await openLayerSource({ file, recordFile: `${file}.record`, prefix, pkg });
    expect(opened.paths).toContainEqual({ path: '/opt/conda/var/empty', isDirectory: true });
    const found = await layDown(makeConda(recipe(members, listed)));
    expect(found.get('/opt/conda/lib/two')!.entry.content).toEqual({ type: 'hardlink', target: '/opt/conda/lib/one' });
    expect(found.get('/opt/conda/lib/three')!.entry.content).toEqual({ type: 'symlink', target: '../lib/one' });
    expect(found.has('/opt/conda/lib/unlisted')).toBe(false);
    expect(recordOf(found).files).toEqual(['lib/one', 'lib/two', 'lib/three']);
    expect(readFileSync(join(directory, 'package.record'), 'utf8')).toBe(
      textOf(found, '/opt/conda/conda-meta/demo-1.0-0.json'),
    );
  });

  const noarch = { 'index.json': { ...index, noarch: 'python' } };
  const withPoint = (point: string) => ({
    ...noarch,
    'link.json': { noarch: { type: 'python', entry_points: [point] } },
  });
  it.each<[string, Uint8Array, string]>([
    ['a path out of the environment', makeConda(recipe({ '../x': 'x' })), 'leads elsewhere'],
    ['a listed path out of it', makeConda(recipe({ x: 'x' }, { '../x': {} })), 'leads elsewhere'],
    ['an absolute path', makeConda(recipe({ '/etc/passwd': 'x' }, { 'etc/passwd': {} })), 'is absolute'],
    ['a whiteout', makeConda(recipe({ 'lib/.wh.libc.so': 'x' })), 'would delete files'],
    ['records of its own', makeConda(recipe({ 'conda-meta/history': 'x' })), 'a record of what is installed'],
    ['a file that is not there', makeConda(recipe({ x: 'x' }, { x: {}, y: {} })), 'lists "y" and does not have it'],
    [
      'a path listed twice',
      makeConda({
        members: { x: 'x' },
        info: { 'index.json': index, 'paths.json': { paths: [{ _path: 'x' }, { _path: 'x' }] } },
      }),
      'lists "x" twice',
    ],
    [
      'a file twice in the archive',
      storedParts(
        makeTar([
          ['x', 'x'],
          ['x', 'y'],
        ]),
      ),
      'it has "x" twice',
    ],
    [
      'a link out of the environment',
      makeConda(recipe({ 'lib/x': { symlink: '../../../etc/shadow' } })),
      'leads out of the environment',
    ],
    ['an absolute link', makeConda(recipe({ 'lib/x': { symlink: '/etc/shadow' } })), 'leads out of the environment'],
    ['a second name of nothing', makeConda(recipe({ x: { hardlink: 'y' } })), 'which does not come before it'],
    ['a second name of what lies outside', makeConda(recipe({ x: { hardlink: '../etc/shadow' } })), 'leads elsewhere'],
    [
      'another name',
      makeConda({ ...recipe({}), info: { ...recipe({}).info, 'index.json': { ...index, name: 'other' } } }),
      'its name is "other"',
    ],
    [
      'no room for the prefix',
      makeConda(recipe({ x: '\0/short\0' }, { x: { prefix_placeholder: '/short', file_mode: 'binary' } })),
      'have room for a prefix of 6 bytes',
    ],
    ['noarch Python for no Python', makeConda(recipe({ x: 'x' }, { x: {} }, noarch)), 'the environment has none'],
    [
      'an entry point that leads elsewhere',
      makeConda(recipe({}, {}, withPoint('../../x = a:b'))),
      'entry point "../../x = a:b" is malformed',
    ],
    [
      'an entry point with a program in it',
      makeConda(recipe({}, {}, withPoint('x = a:b();import os'))),
      'is malformed',
    ],
    [
      'no description',
      makeConda({ members: {}, info: { 'index.json': index } }),
      'neither info/paths.json nor info/files',
    ],
    ['a description that is no JSON', makeConda(recipe({}, {}, { 'paths.json': '{' })), 'info/paths.json is no JSON'],
    [
      'a list that is none',
      makeConda(recipe({}, {}, { 'paths.json': { paths: 'x' } })),
      'info/paths.json is malformed',
    ],
    [
      'no part for its files',
      storedZip({ 'info-demo-1.0-0.tar.zst': zstdCompressSync(Buffer.alloc(1024)) }),
      'it has 0 parts "pkg-',
    ],
    [
      'what is no zstd',
      storedZip({ 'info-x.tar.zst': Buffer.from('nothing'), 'pkg-x.tar.zst': Buffer.from('nothing') }),
      'does not unpack',
    ],
  ])('refuses %s', async (what, bytes, message) => {
    const refusal = layDown(bytes, what === 'noarch Python for no Python' ? {} : { python });
    await expect(refusal).rejects.toMatchObject({ code: 'package-corrupt' });
    await expect(refusal).rejects.toThrow(message);
  });

  it('finds what tells of a package at the end of an older archive, and refuses to be told twice', async () => {
    const { info } = recipe({ x: 'x' });
    const described = Object.entries(info).map(([name, value]) => [`info/${name}`, JSON.stringify(value)] as const);
    const older = { pkg: { ...pkg, filename: 'demo-1.0-0.tar.bz2' } };
    const found = await layDown(bzip2(makeTar([['x', 'x'], ...described])), older);
    expect(textOf(found, '/opt/conda/x')).toBe('x');
    const twice = bzip2(makeTar([...described, ['x', 'x'], ['info/has_prefix', `${placeholder} text x`]]));
    await expect(layDown(twice, older)).rejects.toThrow('its "info/has_prefix" comes after its files');
  });

  it('refuses an archive that ends too early', async () => {
    const bytes = makeTarBz2(recipe({ x: 'x'.repeat(10_000) }));
    const refusal = layDown(bytes.subarray(0, -20), { pkg: { ...pkg, filename: 'demo-1.0-0.tar.bz2' } });
    await expect(refusal).rejects.toMatchObject({ code: 'package-corrupt' });
  });
});

/** A package that lists the file `x`, of this tar. */
function storedParts(tar: Buffer): Buffer {
  const info = recipe({ x: 'x' }).info;
  const described = Object.entries(info).map(([name, value]) => [`info/${name}`, JSON.stringify(value)] as const);
  return storedZip({
    'pkg-demo-1.0-0.tar.zst': zstdCompressSync(tar),
    'info-demo-1.0-0.tar.zst': zstdCompressSync(makeTar(described)),
  });
}
