import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LayerCompression } from '../oci/media-types.ts';
import { createRootfs } from '../rootfs/create-rootfs.ts';
import { decompress } from '../rootfs/decompress.ts';
import type { RootfsEntry } from '../rootfs/entry.ts';
import type { Rootfs } from '../rootfs/rootfs.ts';
import { readTar, type TarHeader } from '../rootfs/tar-reader.ts';
import { createThreadPool, type ThreadPool } from '../threads/thread-pool.ts';
import { createLayerAssembler } from './create-layer-assembler.ts';
import type { Layer } from './layer.ts';
import type { AssembleEvent, LayerAssembler } from './layer-assembler.ts';
import type { LayerSource } from './layer-source.ts';
import type { ListedInput } from './testdata/listed-source.ts';

let cacheDir: string;
let threads: ThreadPool;
let assembler: LayerAssembler;

beforeEach(() => {
  cacheDir = mkdtempSync(join(tmpdir(), 'layers-'));
  threads = createThreadPool(2);
  assembler = createLayerAssembler({ cacheDir, threads });
});

afterEach(async () => {
  await threads[Symbol.asyncDispose]();
  rmSync(cacheDir, { recursive: true });
});

const directory = (mode = 0o755, uid = 0): RootfsEntry => ({ type: 'directory', mode, uid, gid: uid });
const link = (target: string): RootfsEntry => ({ type: 'symlink', target, mode: 0o777, uid: 0, gid: 0 });
const plainFile: RootfsEntry = { type: 'file', sizeBytes: 1, mode: 0o644, uid: 0, gid: 0 };

function rootfsOf(entries: Readonly<Record<string, RootfsEntry>>): Rootfs {
  return createRootfs([{ entries: new Map(Object.entries(entries)), whiteouts: [], opaques: [], contents: new Map() }]);
}

const empty = rootfsOf({});

function source(
  files: Readonly<Record<string, string | ListedInput['files'][string]>>,
  more: Omit<ListedInput, 'files'> & { readonly prepare?: LayerSource['prepare']; readonly title?: string } = {},
): LayerSource {
  const { prepare = async () => {}, title = 'demo 1.0', ...rest } = more;
  const all = Object.entries(files).map(([path, file]) => [path, typeof file === 'string' ? { text: file } : file]);
  const input: ListedInput = { files: Object.fromEntries(all), ...rest };
  return {
    key: JSON.stringify(input),
    title,
    module: new URL('./testdata/listed-source.ts', import.meta.url).href,
    input,
    downloadBytes: 1,
    prepare,
  };
}

interface Options {
  readonly rootfs?: Rootfs;
  readonly compression?: LayerCompression;
  readonly noCache?: boolean;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: AssembleEvent) => void;
}

function assemble(sources: LayerSource | readonly LayerSource[], options: Options = {}): Promise<Layer> {
  const list = 'key' in sources ? [sources] : sources;
  return assembler.assemble({
    rootfs: empty,
    compression: 'zstd',
    signal: new AbortController().signal,
    ...options,
    sources: list,
  });
}

async function bytesOf(layer: Layer): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of layer.open()) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const sha256 = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

async function membersOf(layer: Layer, compression: LayerCompression = 'zstd') {
  const members: { header: TarHeader; text: string }[] = [];
  await decompress(layer.open(), compression, async (tar) => {
    for await (const { header, read } of readTar(tar)) {
      members.push({ header, text: (await read(10_000_000)).toString() });
    }
  });
  return members;
}

const describeMembers = async (layer: Layer) =>
  (await membersOf(layer)).map(({ header: { type, mode, uid, path }, text }) => {
    return `${type[0]} ${mode.toString(8)} ${uid} ${path}${text && ` ${text}`}`;
  });

describe('createLayerAssembler', () => {
  it('writes second names of a file as such, by the real path of the first, and times that a package tells', async () => {
    const rootfs = rootfsOf({ '/lib': link('usr/lib'), '/usr': directory(), '/usr/lib': directory() });
    const files = {
      '/lib/one': { text: 'x', mode: 0o755, mtimeSeconds: 1_700_000_000 },
      '/lib/two': { hardLink: '/lib/one' },
    };
    const members = await membersOf(await assemble(source(files), { rootfs }));
    expect(members.slice(2).map(({ header: { path, type, linkPath } }) => [path, type, linkPath])).toEqual([
      ['usr/lib/one', 'file', ''],
      ['usr/lib/two', 'hardlink', 'usr/lib/one'],
    ]);
    expect(members[2]!.header).toMatchObject({ mode: 0o755, mtimeSeconds: 1_700_000_000 });
    expect(members[3]!.header.mode).toBe(0o755);
  });

  it('refuses a second name of what another package replaces', async () => {
    const sources = [source({ '/a': 'x', '/b': { hardLink: '/a' } }), source({ '/a': 'y' }, { title: 'other 2.0' })];
    await expect(assemble(sources)).rejects.toMatchObject({
      code: 'package-conflict',
      message: 'demo 1.0 cannot be laid down: another package replaces what "/b" is a second name of',
    });
  });

  it.each(['none', 'gzip', 'zstd'] as const)(
    'makes a layer (%s) whose numbers are those of its bytes',
    async (compression) => {
      const layer = await assemble(source({ '/opt/a': 'a'.repeat(3_000_000) }), { compression });
      const bytes = await bytesOf(layer);
      const tar: Buffer[] = [];
      await decompress(layer.open(), compression, async (stream) => {
        for await (const chunk of stream) tar.push(Buffer.from(chunk));
      });
      expect(layer.descriptor).toMatchObject({ digest: sha256(bytes), size: bytes.length });
      expect(layer.diffId).toBe(sha256(Buffer.concat(tar)));
      expect(layer.unpackedBytes).toBe(Buffer.concat(tar).length);
      expect((await membersOf(layer, compression)).map(({ header, text }) => [header.path, text.length])).toEqual([
        ['opt/', 0],
        ['opt/a', 3_000_000],
      ]);
    },
  );

  it('gives the same bytes as ever, in whatever thread', async () => {
    const sources = source({
      '/usr/lib/x.py': 'x = 1\n',
      '/usr/bin/x': { text: '#!x', mode: 0o755 },
      '/usr/l': { link: 'lib' },
    });
    const layers = await Promise.all(
      [1, 2, 3].map((n) => assemble([sources, source({ [`/n${n % 2}`]: '' })], { noCache: true })),
    );
    expect(layers[0]!.descriptor.digest).toBe(layers[2]!.descriptor.digest);
    expect(layers[0]!.diffId).toBe('sha256:e1aecf5e83cd2139a03745804cdac8136a3ccf06b6de472cd0bf0994a49a946a');
  });

  it("follows links of the base and gives all ancestors the base's attributes, parents first", async () => {
    const rootfs = rootfsOf({
      '/usr': directory(),
      '/usr/lib': { ...directory(0o2775, 50), xattrs: { 'user.k': 'dg==' } } as RootfsEntry,
      '/lib': link('usr/lib'),
      '/t': directory(0o1777),
    });
    const layer = await assemble(source({ '/lib/py/x': 'x', '/t/y': 'y', '/lib/z': 'z' }), { rootfs });
    expect(await describeMembers(layer)).toEqual([
      'd 1777 0 t/',
      'd 755 0 usr/',
      'd 2775 50 usr/lib/',
      'd 755 0 usr/lib/py/',
      'f 644 0 usr/lib/py/x x',
      'f 644 0 t/y y',
      'f 644 0 usr/lib/z z',
    ]);
    const library = (await membersOf(layer)).find(({ header }) => header.path === 'usr/lib/');
    expect(library!.header.xattrs).toEqual({ 'user.k': 'dg==' });
  });

  it('strips set-id bits and keeps directories that are told of', async () => {
    const layer = await assemble(source({ '/a': { text: '', mode: 0o6755 } }, { directories: ['/empty/inner'] }));
    expect(await describeMembers(layer)).toEqual(['d 755 0 empty/', 'd 755 0 empty/inner/', 'f 755 0 a']);
  });

  it('lets the later source win where two meet at one real path', async () => {
    const rootfs = rootfsOf({ '/usr': directory(), '/usr/lib': directory(), '/lib': link('usr/lib') });
    const layer = await assemble([source({ '/lib/x': 'first' }), source({ '/usr/lib/x': 'second' })], { rootfs });
    expect((await describeMembers(layer)).filter((line) => line.startsWith('f'))).toEqual(['f 644 0 usr/lib/x second']);
  });

  it.each([
    ['a file where the base has a directory', { '/usr/lib': 'x' }, 'package-conflict'],
    ['a directory where the base has a file', { '/usr/file/x': 'x' }, 'package-conflict'],
    ['a directory where the base has a loop of links', { '/loop/x': 'x' }, 'package-conflict'],
    ['a file where the same layer has a directory', { '/a': '', '/a/b': '' }, 'package-conflict'],
    ['one real path twice', { '/lib/x': '', '/usr/lib/x': '' }, 'package-corrupt'],
    ['a whiteout', { '/usr/.wh.lib': '' }, 'package-corrupt'],
    ['a whiteout in a directory name', { '/usr/.wh..wh..opq/x': '' }, 'package-corrupt'],
    ['a way out', { '/usr/../../x': '' }, 'package-corrupt'],
    ['a relative path', { 'usr/x': '' }, 'package-corrupt'],
    ['a doubled slash', { '/usr//x': '' }, 'package-corrupt'],
  ])('refuses %s', async (_what, files, code) => {
    const rootfs = rootfsOf({
      '/usr': directory(),
      '/usr/lib': directory(),
      '/usr/file': plainFile,
      '/lib': link('usr/lib'),
      '/loop': link('loop'),
    });
    await expect(assemble(source(files as Record<string, string>), { rootfs })).rejects.toMatchObject({
      code,
      message: expect.stringContaining('demo 1.0'),
    });
    expect(readdirSync(join(cacheDir, 'tmp'))).toEqual([]);
  });

  it('tells of what it does, and of a cached layer that it is cached', async () => {
    const events: AssembleEvent[] = [];
    const one = source({ '/a': 'a' }, { prepare: async ({ onBytes }) => onBytes?.(5) });
    const first = await assemble(one, { onEvent: (event) => events.push(event) });
    const again = await assemble(one, { onEvent: (event) => events.push(event) });
    expect(events.map(({ type }) => type)).toEqual(['download', 'assembling', 'assembled', 'cached']);
    expect(again.descriptor).toEqual(first.descriptor);
    expect(await bytesOf(again)).toEqual(await bytesOf(first));
  });

  it('takes a cached layer only for bases that say the same of its directories', async () => {
    let made = 0;
    const one = source({ '/usr/lib/x/y': 'y', '/usr/lib/z': 'z' }, { prepare: async () => void made++ });
    const base = { '/usr': directory(), '/usr/lib': directory() };
    const other = { ...base, '/usr/lib': directory(0o700) };
    const bases = [base, base, { ...base, '/opt': directory(0o700) }, other, base, other];
    const layers = [];
    for (const entries of bases) layers.push(await assemble(one, { rootfs: rootfsOf(entries) }));
    expect(made).toBe(2);
    expect(new Set([layers[0], layers[1], layers[2], layers[4]].map((layer) => layer!.diffId)).size).toBe(1);
    expect(layers[5]!.diffId).toBe(layers[3]!.diffId);
    expect(layers[3]!.diffId).not.toBe(layers[0]!.diffId);

    await assemble(one, { rootfs: rootfsOf({ ...base, '/usr/lib/x': directory(0o711) }) });
    expect(made).toBe(3);
    await assemble(one, { rootfs: rootfsOf({ '/usr': directory(), '/lib': directory(), '/usr/lib': link('../lib') }) });
    expect(made).toBe(4);
    const clash = rootfsOf({ ...base, '/usr/lib/z': directory() });
    await expect(assemble(one, { rootfs: clash })).rejects.toMatchObject({ code: 'package-conflict' });
  });

  it('makes a layer anew when its blob is gone or cut off', async () => {
    let made = 0;
    const one = source({ '/a': 'a' }, { prepare: async () => void made++ });
    const blob = join(cacheDir, 'blobs', 'sha256', (await assemble(one)).descriptor.digest.slice(7));
    truncateSync(blob, 3);
    await assemble(one);
    rmSync(blob);
    await assemble(one);
    expect(made).toBe(3);
  });

  it('notes of a layer that it was wanted, also where it is not read', async () => {
    const one = source({ '/a': 'a' });
    const blob = join(cacheDir, 'blobs', 'sha256', (await assemble(one)).descriptor.digest.slice(7));
    utimesSync(blob, 0, 0);
    await assemble(one);
    expect(Date.now() - statSync(blob).mtimeMs).toBeLessThan(60_000);
  });

  it('makes a layer once when it is asked for many times at once', async () => {
    let made = 0;
    const one = source({ '/a': 'a' }, { prepare: async () => void made++ });
    const layers = await Promise.all([1, 2, 3, 4].map(() => assemble(one)));
    expect(made).toBe(1);
    expect(new Set(layers.map(({ descriptor }) => descriptor.digest)).size).toBe(1);
  });

  it('does not let the one who waits fail with the one who was first', async () => {
    const controller = new AbortController();
    const one = source(
      { '/a': 'a' },
      { prepare: ({ signal }) => (signal.aborted ? Promise.reject(signal.reason) : Promise.resolve()) },
    );
    const cancelled = assemble(one, { signal: controller.signal });
    const waiting = assemble(one);
    controller.abort();
    await expect(cancelled).rejects.toThrow();
    await expect(waiting).resolves.toMatchObject({ unpackedBytes: expect.any(Number) });
  });

  it('hands on the errors of a worker with code and hint, and goes on working', async () => {
    await expect(assemble(source({}, { behaviour: 'refuse' }))).rejects.toMatchObject({
      name: 'BuilderError',
      code: 'package-corrupt',
      hint: 'Take another.',
    });
    await expect(assemble(source({}, { behaviour: 'bug' }))).rejects.toThrow('not what we thought');
    await expect(assemble(source({}, { behaviour: 'undeclared' }))).rejects.toThrow('had not declared');
    await expect(assemble(source({ '/x': '' }))).resolves.toBeDefined();
  });

  it('does not hang when a thread dies or waits for ever', async () => {
    await Promise.all([
      expect(assemble(source({}, { behaviour: 'exit' }))).rejects.toThrow('ended with 7'),
      expect(assemble(source({}, { behaviour: 'never' }))).rejects.toThrow('in the middle of its work'),
    ]);
    await expect(assemble(source({ '/x': '' }))).resolves.toBeDefined();
    expect(readdirSync(join(cacheDir, 'tmp'))).toEqual([]);
  });

  it('stops when it is cancelled, waiting or at work', async () => {
    const controllers = [1, 2, 3, 4].map(() => new AbortController());
    const layers = controllers.map(({ signal }, n) =>
      assemble(source({ [`/${n}`]: '' }), {
        signal,
        onEvent: ({ type }) => type === 'assembling' && controllers[n]!.abort(),
      }),
    );
    await Promise.all(layers.map((layer) => expect(layer).rejects.toMatchObject({ code: 'cancelled' })));
    await expect(assemble(source({ '/x': '' }))).resolves.toBeDefined();
  });

  it('removes paths by whiteouts, with the attributes of what holds them', async () => {
    const rootfs = rootfsOf({
      '/usr': directory(),
      '/usr/lib': directory(0o2775, 50),
      '/usr/lib/old': directory(),
      '/usr/lib/old/a': plainFile,
    });
    const layer = await assembler.assembleRemovals({
      paths: ['/usr/lib/old/a', '/usr/lib/old', '/usr/lib/old.py', '/usr/lib/old'],
      rootfs,
      compression: 'zstd',
    });
    expect(await describeMembers(layer)).toEqual([
      'd 755 0 usr/',
      'd 2775 50 usr/lib/',
      'f 644 0 usr/lib/.wh.old',
      'f 644 0 usr/lib/.wh.old.py',
    ]);
    expect((await bytesOf(layer)).length).toBe(layer.descriptor.size);
  });
});
