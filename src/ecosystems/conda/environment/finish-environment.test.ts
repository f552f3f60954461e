import { hash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CondaMember, makeConda } from '../../../../test/make-conda-package.ts';
import { buildLockedConda } from '../../../../test/makers.ts';
import { createHttpClient } from '../../../http/create-http-client.ts';
import { createLayerAssembler } from '../../../layers/create-layer-assembler.ts';
import { indexLayer } from '../../../layers/index-layer.ts';
import type { LockedConda, LockedPrefix } from '../../../lock/lock.ts';
import { createRootfs } from '../../../rootfs/create-rootfs.ts';
import type { RootfsEntry } from '../../../rootfs/entry.ts';
import type { LayerIndex } from '../../../rootfs/layer-index.ts';
import { createThreadPool } from '../../../threads/thread-pool.ts';
import type { PackagesLayer } from '../../ecosystem.ts';
import { createCondaSource } from '../package/conda-source.ts';
import { openCondaStore } from '../package/conda-store.ts';
import { finishEnvironment } from './finish-environment.ts';

let cacheDir: string;
beforeEach(() => {
  cacheDir = mkdtempSync(join(tmpdir(), 'finish-'));
});
afterEach(() => rmSync(cacheDir, { recursive: true }));

const prefix: LockedPrefix = { path: '/opt/conda', isNew: true };
const rootfs = createRootfs([]);
const signal = new AbortController().signal;

/** A package in the store, as if it had been fetched. */
function put(
  name: string,
  members: Readonly<Record<string, CondaMember>>,
  more: Partial<LockedConda> = {},
): LockedConda {
  const index = { name, version: '1.0', build: '0' };
  const paths = Object.keys(members).map((path) => ({ _path: path, path_type: 'hardlink' }));
  const bytes = makeConda({ members, info: { 'index.json': index, 'paths.json': { paths, paths_version: 1 } } });
  const sha256 = hash('sha256', bytes);
  const locked = buildLockedConda({ ...index, sha256, sizeBytes: bytes.length, ...more });
  mkdirSync(dirname(store().fileOf(locked)), { recursive: true });
  writeFileSync(store().fileOf(locked), bytes);
  return locked;
}

const store = () => openCondaStore({ directory: cacheDir, http: createHttpClient({ env: {} }) });

/** Finishes an environment whose layers hold these packages, and tells what it shows in the end. */
async function finish(groups: readonly (readonly LockedConda[])[], below?: LayerIndex) {
  await using threads = createThreadPool(1);
  const assembler = createLayerAssembler({ cacheDir, threads });
  const base = below === undefined ? rootfs : rootfs.with(below);
  const assemble = (packages: readonly LockedConda[]) =>
    assembler.assemble({
      sources: packages.map((each) => createCondaSource(each, prefix, store())),
      rootfs: base,
      compression: 'zstd',
      signal,
    });
  const made: PackagesLayer[] = [];
  for (const packages of groups)
    made.push({ packages, layer: await assemble(packages), title: packages.map(({ name }) => name).join() });
  const lock = { conda: prefix, packages: groups.flat() };
  const request = { lock, made, below: [], rootfs: base, compression: 'zstd', noCache: false, signal, assembler };
  const { layers, notices } = await finishEnvironment(request as never, { cacheDir, store: store() });
  let shown = base;
  for (const { layer } of layers) shown = shown.with(await indexLayer(layer, { cacheDir }));
  return { titles: layers.map(({ title }) => title), layers, notices, shown };
}

const historyOf = (text: string) => layerOf({ '/opt/conda/conda-meta/history': text });

function layerOf(texts: Readonly<Record<string, string>>) {
  const entries = Object.entries(texts).map(([path, text]): [string, RootfsEntry] => [
    path,
    { type: 'file', mode: 0o644, uid: 0, gid: 0, sizeBytes: text.length },
  ]);
  const contents = new Map(Object.entries(texts).map(([path, text]) => [path, Buffer.from(text)]));
  return { entries: new Map(entries), whiteouts: [], opaques: [], contents };
}

const sizeOf = (shown: typeof rootfs, path: string) => {
  const entry = shown.entry(path);
  return entry?.type === 'file' ? entry.sizeBytes : undefined;
};

describe('finishEnvironment', () => {
  it('lets of two packages the one win that is linked last, wherever its layer was planned', async () => {
    const lower = put('aa', { 'share/x': '1' }, { requiredBy: ['zz'] });
    const upper = put('zz', { 'share/x': '22' });
    const { titles, shown, notices } = await finish([[upper], [lower]]);
    expect(titles).toEqual(['aa', 'zz', 'conda: history of the environment']);
    expect(sizeOf(shown, '/opt/conda/share/x')).toBe(2);
    expect(notices).toEqual(['The conda packages zz and aa bring the same files; those of zz are kept: share/x.']);
  });

  it('makes one layer of packages that no order of layers does justice to', async () => {
    const a = put('a', { 'share/x': '1' }, { requiredBy: ['b'] });
    const b = put('b', { 'share/x': '22' });
    const c = put('c', { 'share/y': '1' }, { requiredBy: ['d'] });
    const d = put('d', { 'share/y': '22' });
    const apart = put('apart', { 'share/z': '1' });
    const { titles, shown } = await finish([[a, d], [b, c], [apart]]);
    expect(titles).toEqual([
      'apart',
      'conda: 4 packages that bring the same files',
      'conda: history of the environment',
    ]);
    expect([sizeOf(shown, '/opt/conda/share/x'), sizeOf(shown, '/opt/conda/share/y')]).toEqual([2, 2]);
  });

  it('records what was asked for in a layer of its own, so that those of packages are the same for all who have them', async () => {
    const asked = put('asked', { 'share/x': '1' }, { requestedBy: ['asked >=1'] });
    const first = await finish(
      [[asked], [put('other', { 'share/y': '1' })]],
      historyOf('==> 2026-01-01 00:00:00 <==\n# update specs: ["python"]\n'),
    );
    const second = await finish([[{ ...asked, requestedBy: [] }]]);
    expect(first.layers[0]!.layer.diffId).toBe(second.layers[0]!.layer.diffId);
    const record = (shown: typeof rootfs, name: string) =>
      JSON.parse(shown.read(`/opt/conda/conda-meta/${name}-1.0-0.json`)!.toString());
    expect(record(first.shown, 'asked')).toMatchObject({
      requested_specs: ['asked >=1'],
      requested_spec: 'asked >=1',
      files: ['share/x'],
    });
    expect(record(first.shown, 'other').requested_specs).toEqual([]);
    expect(record(second.shown, 'asked').requested_specs).toEqual([]);
    expect(first.shown.read('/opt/conda/conda-meta/history')!.toString()).toBe(
      '==> 2026-01-01 00:00:00 <==\n# update specs: ["python"]\n==> 1980-01-02 00:00:00 <==\n# cmd: imagewright build\n' +
        '+https://conda.example.com/conda-forge/noarch::asked-1.0-0\n+https://conda.example.com/conda-forge/noarch::other-1.0-0\n' +
        '# update specs: ["asked >=1"]\n',
    );
  });

  it('finds the record of a package in its layer where none is kept besides', async () => {
    const asked = put('asked', { 'share/x': '1' }, { requestedBy: ['asked'] });
    const kept = await finish([[asked]]);
    const { recordFile } = createCondaSource(asked, prefix, store());
    rmSync(recordFile);
    rmSync(join(cacheDir, 'rootfs'), { recursive: true });
    const found = await finish([[asked]]);
    expect(found.layers.map(({ layer }) => layer.diffId)).toEqual(kept.layers.map(({ layer }) => layer.diffId));
  });

  it('reads no layer for records that are kept', async () => {
    const asked = put('asked', { 'share/x': '1' }, { requestedBy: ['asked'] });
    const { recordFile } = createCondaSource(asked, prefix, store());
    await finish([[asked]]);
    const record = JSON.parse(readFileSync(recordFile, 'utf8')) as Record<string, unknown>;
    writeFileSync(recordFile, JSON.stringify({ ...record, license: 'as kept' }));
    const { shown } = await finish([[asked]]);
    expect(JSON.parse(shown.read('/opt/conda/conda-meta/asked-1.0-0.json')!.toString()).license).toBe('as kept');
  });

  it('tells whose files of the base are hidden', async () => {
    const below = layerOf({
      '/opt/conda/share/x': '1',
      '/opt/conda/share/nobodys': '1',
      '/opt/conda/conda-meta/old-1-0.json': JSON.stringify({ name: 'old', files: ['share/x', 'share/own'] }),
      '/opt/conda/conda-meta/torn-1-0.json': '{"name": "to',
    });
    const { notices } = await finish([[put('new', { 'share/x': '2', 'share/nobodys': '2' })]], below);
    expect(notices).toEqual(['The conda packages new and old bring the same files; those of new are kept: share/x.']);
  });

  it('tells of scripts for activation and of shortcuts', async () => {
    const { notices } = await finish([
      [put('a', { 'etc/conda/activate.d/a.sh': 'x', 'Menu/a.json': '{}' })],
      [put('b', { 'etc/conda/env_vars.d/b.json': '{}' })],
    ]);
    expect(notices).toEqual([
      'The conda packages a, b have scripts for activation, which nothing in the image runs; where a program misses a variable, set it in the container.',
      'The conda package a has shortcuts for a desktop, of which none is made in an image.',
    ]);
  });

  it('needs a sandbox for link scripts', async () => {
    const groups = [[put('a', { 'bin/.a-post-link.sh': 'true' })]];
    await expect(finish(groups)).rejects.toMatchObject({ code: 'tool-missing' });
  });
});
