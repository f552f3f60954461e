import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRootfs } from './create-rootfs.ts';
import type { RootfsEntry } from './entry.ts';
import { layerOf } from './layer.fixture.ts';
import type { LayerIndex } from './layer-index.ts';
import type { Rootfs } from './rootfs.ts';

describe('layers over one another', () => {
  const base = layerOf({
    '/bin': { link: 'usr/bin' },
    '/usr/bin': 'directory',
    '/usr/bin/env': 'env',
    '/etc/a': 'a',
    '/etc/b': 'b',
    '/etc/d/x': 'x',
  });

  test('the upper of two files wins, with its content', () => {
    const rootfs = createRootfs([base, layerOf({ '/etc/a': 'new' })]);
    expect(rootfs.read('/etc/a')?.toString()).toBe('new');
    expect(rootfs.read('/etc/b')?.toString()).toBe('b');
  });

  test('a whiteout removes from below only, a file or a whole directory', () => {
    const rootfs = createRootfs([base, layerOf({ '/etc/d/y': 'y' }, { whiteouts: ['/etc/a', '/etc/d'] })]);
    expect(rootfs.list('/etc')).toEqual(['b', 'd']);
    expect(rootfs.list('/etc/d')).toEqual(['y']);
    expect(rootfs.entry('/etc/d/x')).toBeUndefined();
  });

  test('an opaque directory hides what is below and keeps its own', () => {
    const rootfs = createRootfs([base, layerOf({ '/etc/c': 'c' }, { opaques: ['/etc'] })]);
    expect(rootfs.list('/etc')).toEqual(['c']);
    expect(rootfs.read('/etc/a')).toBeUndefined();
  });

  test('what is no directory removes all that stood in one', () => {
    const over = createRootfs([base, layerOf({ '/etc': 'a file' }), layerOf({ '/etc/new': 'n' })]);
    expect(over.list('/etc')).toEqual(['new']);
  });

  test('a directory merges with the one below and has its own attributes', () => {
    const own: RootfsEntry = { type: 'directory', mode: 0o1777, uid: 5, gid: 6 };
    const rootfs = createRootfs([base, { ...layerOf({}), entries: new Map([['/etc', own]]) }]);
    expect(rootfs.entry('/etc')).toEqual(own);
    expect(rootfs.list('/etc')).toEqual(['a', 'b', 'd']);
  });

  test('a directory that is only implied keeps the attributes of the one below', () => {
    const own: RootfsEntry = { type: 'directory', mode: 0o700, uid: 5, gid: 6 };
    const rootfs = createRootfs([
      { ...layerOf({}), entries: new Map([['/priv', own]]) },
      layerOf({ '/priv/x': 'x', '/new/x': 'x' }),
    ]);
    expect(rootfs.entry('/priv')).toEqual(own);
    expect(rootfs.entry('/new')).toEqual({ type: 'directory', mode: 0o755, uid: 0, gid: 0 });
  });

  test.each([
    ['told', layerOf({ '/bin': 'directory', '/bin/b': 'b' })],
    ['implied', layerOf({ '/bin/b': 'b' })],
  ])('a directory over a link, %s, hides the link as an overlay mount does', (_how, upper) => {
    const rootfs = createRootfs([base, upper]);
    expect(rootfs.entry('/bin')?.type).toBe('directory');
    expect(rootfs.list('/bin')).toEqual(['b']);
    expect(rootfs.realPath('/bin/env')).toBe('/bin/env');
    expect(rootfs.entry('/usr/bin/env')?.type).toBe('file');
  });

  test('with() leaves the one below as it was', () => {
    const below = createRootfs([base]);
    const above = below.with(layerOf({}, { whiteouts: ['/etc/a'] }));
    expect(above.entry('/etc/a')).toBeUndefined();
    expect(below.entry('/etc/a')?.type).toBe('file');
  });

  test('nothing at all is an empty root', () => {
    expect(createRootfs([]).entry('/')).toEqual({ type: 'directory', mode: 0o755, uid: 0, gid: 0 });
    expect(createRootfs([]).list('/')).toEqual([]);
  });
});

describe('links', () => {
  const rootfs = createRootfs([
    layerOf({
      '/usr/lib/x86/libc.so.6': 'glibc 2.36',
      '/lib': { link: 'usr/lib' },
      '/usr/up': { link: '../../../../lib/x86/' },
      '/abs': { link: '/lib/x86' },
      '/loop': { link: 'loop' },
      '/a': { link: 'b' },
      '/b': { link: 'a/x' },
      '/dangling': { link: 'no/where' },
      '/file': 'text',
    }),
  ]);

  test.each([
    ['/', '/'],
    ['/lib/x86/libc.so.6', '/usr/lib/x86/libc.so.6'],
    ['/usr/up/libc.so.6', '/usr/lib/x86/libc.so.6'],
    ['/abs/libc.so.6', '/usr/lib/x86/libc.so.6'],
    ['/lib/new/dir', '/usr/lib/new/dir'],
    ['/dangling/x', '/no/where/x'],
    ['/no/../lib', '/usr/lib'],
    ['/lib/..', '/usr'],
    ['/../../file', '/file'],
    ['/loop', undefined],
    ['/a', undefined],
    ['/file/x', undefined],
    ['/file/..', undefined],
  ])('realPath(%s) is %s', (path, real) => {
    expect(rootfs.realPath(path)).toBe(real);
  });

  test('are followed on the way to an entry, not at its end', () => {
    expect(rootfs.entry('/lib')).toMatchObject({ type: 'symlink', target: 'usr/lib' });
    expect(rootfs.entry('/lib/x86')?.type).toBe('directory');
    expect(rootfs.entry('/dangling/x')).toBeUndefined();
  });

  test('are followed to the end by list and read', () => {
    expect(rootfs.list('/abs')).toEqual(['libc.so.6']);
    expect(rootfs.read('/usr/up/libc.so.6')?.toString()).toBe('glibc 2.36');
    expect(rootfs.list('/file')).toEqual([]);
    expect(rootfs.list('/loop')).toEqual([]);
    expect(rootfs.read('/lib')).toBeUndefined();
  });

  test('forty are followed, more are a loop', () => {
    const links = (count: number) =>
      Object.fromEntries(
        Array.from({ length: count }, (_, i) => [`/l${i}`, { link: i + 1 < count ? `l${i + 1}` : 'end' }]),
      );
    expect(createRootfs([layerOf(links(40))]).realPath('/l0')).toBe('/end');
    expect(createRootfs([layerOf(links(41))]).realPath('/l0')).toBeUndefined();
  });
});

/** The plainest model of the same: each layer a tree, trees merged whole from the lowest up. */
type Tree = { entry: RootfsEntry | undefined; children: Map<string, Tree> } | { leaf: RootfsEntry };

function treeOf({ entries, whiteouts, opaques }: LayerIndex): Tree {
  const root: Tree = { entry: undefined, children: new Map() };
  const directory = (path: string) => {
    let at = root;
    for (const part of path.split('/').filter(Boolean)) {
      if (!at.children.has(part)) at.children.set(part, { entry: undefined, children: new Map() });
      at = at.children.get(part) as typeof root;
    }
    return at;
  };
  const parent = (path: string) => path.slice(0, path.lastIndexOf('/'));
  for (const [path, entry] of entries) {
    if (entry.type === 'directory') directory(path).entry = entry;
    else directory(parent(path)).children.set(path.slice(path.lastIndexOf('/') + 1), { leaf: entry });
  }
  for (const path of [...whiteouts.map(parent), ...opaques]) directory(path);
  return root;
}

function merge(lower: Tree | undefined, upper: Tree, layer: LayerIndex, path: string): Tree {
  if ('leaf' in upper) return upper;
  const below = lower && 'children' in lower && !layer.opaques.includes(path || '/') ? lower : undefined;
  const children = new Map(below?.children);
  for (const name of [...children.keys()]) if (layer.whiteouts.includes(`${path}/${name}`)) children.delete(name);
  for (const [name, child] of upper.children)
    children.set(name, merge(children.get(name), child, layer, `${path}/${name}`));
  return { entry: upper.entry ?? below?.entry, children };
}

function mergedTree(layers: readonly LayerIndex[]): Tree {
  return layers.reduce<Tree>((tree, layer) => merge(tree, treeOf(layer), layer, ''), {
    entry: undefined,
    children: new Map(),
  });
}

const part = fc.constantFrom('a', 'b', 'c');
const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join('/')}`);
const entry: fc.Arbitrary<RootfsEntry> = fc.oneof(
  fc.nat(7).map((mode) => ({ type: 'directory' as const, mode, uid: 0, gid: 0 })),
  fc.nat(9).map((sizeBytes) => ({ type: 'file' as const, mode: 0o644, uid: 0, gid: 0, sizeBytes })),
  path.map((target) => ({ type: 'symlink' as const, mode: 0o777, uid: 0, gid: 0, target })),
);

/** A layer as a scan gives it: nothing below what is no directory. */
const layer: fc.Arbitrary<LayerIndex> = fc
  .record({
    entries: fc.array(fc.tuple(path, entry), { maxLength: 8 }),
    whiteouts: fc.array(path, { maxLength: 2 }),
    opaques: fc.array(fc.oneof(path, fc.constant('/')), { maxLength: 1 }),
  })
  .map(({ entries, whiteouts, opaques }) => {
    const kept = new Map<string, RootfsEntry>();
    const isUsable = (candidate: string) =>
      ![...kept].some(([other, { type }]) => type !== 'directory' && candidate.startsWith(`${other}/`));
    entries.sort(([a], [b]) => a.length - b.length);
    for (const [at, value] of entries) if (isUsable(at)) kept.set(at, value);
    const usable = (at: string) => isUsable(at) && kept.get(at)?.type !== 'file' && kept.get(at)?.type !== 'symlink';
    return {
      entries: kept,
      whiteouts: whiteouts.filter(isUsable),
      opaques: opaques.filter(usable),
      contents: new Map(),
    };
  });

function flatten(tree: Tree, at = '', found = new Map<string, RootfsEntry>()): Map<string, RootfsEntry> {
  if ('leaf' in tree) return found.set(at, tree.leaf);
  found.set(at || '/', tree.entry ?? { type: 'directory', mode: 0o755, uid: 0, gid: 0 });
  for (const [name, child] of tree.children) flatten(child, `${at}/${name}`, found);
  return found;
}

function flattenRootfs(rootfs: Rootfs, at = '/', found = new Map<string, RootfsEntry>()): Map<string, RootfsEntry> {
  const here = rootfs.entry(at)!;
  found.set(at, here);
  if (here.type !== 'directory') return found;
  for (const name of rootfs.list(at)) flattenRootfs(rootfs, at === '/' ? `/${name}` : `${at}/${name}`, found);
  return found;
}

/** `realpath -m` by rewriting the path until no part of it is a link. */
function modelRealPath(flat: ReadonlyMap<string, RootfsEntry>, given: string): string | undefined {
  let rest = given.split('/').filter(Boolean);
  let real = '';
  for (let links = 0; rest.length > 0; ) {
    const [name, ...more] = rest;
    const here = flat.get(`${real}/${name}`);
    if (here?.type === 'symlink') {
      if (++links > 40) return undefined;
      rest = [...here.target.split('/').filter(Boolean), ...more];
      real = '';
    } else {
      if (here && here.type !== 'directory' && more.length > 0) return undefined;
      real = `${real}/${name}`;
      rest = more;
    }
  }
  return real || '/';
}

describe('against the plainest model', () => {
  test('any stack of layers shows the same entries, and the same real paths', () => {
    fc.assert(
      fc.property(
        fc.array(layer, { minLength: 1, maxLength: 5 }),
        fc.array(path, { maxLength: 5 }),
        (layers, paths) => {
          const flat = flatten(mergedTree(layers));
          const rootfs = layers.slice(1).reduce((below, each) => below.with(each), createRootfs(layers.slice(0, 1)));
          const shown = flattenRootfs(rootfs);
          expect(new Map([...shown].sort())).toEqual(new Map([...flat].sort()));
          expect(flattenRootfs(createRootfs(layers))).toEqual(shown);
          for (const each of paths) expect(rootfs.realPath(each)).toBe(modelRealPath(flat, each));
        },
      ),
      { numRuns: 500 },
    );
  });
});
