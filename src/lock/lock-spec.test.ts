import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildLockedDeb, buildLockedWheel } from '../../test/makers.ts';
import { digestOf } from '../oci/digest.ts';
import { parseReference } from '../oci/reference.ts';
import type { ResolvedImage } from '../registry/client/resolved-image.ts';
import { createRootfs } from '../rootfs/create-rootfs.ts';
import type { LayerIndex } from '../rootfs/layer-index.ts';
import type { Rootfs } from '../rootfs/rootfs.ts';
import { say } from '../sentence.ts';
import type { ImageSpec } from '../spec/image-spec.ts';
import { toPackageLines } from '../spec/package-lines.ts';
import type { LockedPython } from './lock.ts';
import { createLockCache, lockCacheKey } from './lock-cache.ts';
import { lockDigest } from './lock-digest.ts';
import { checkSpec, lockSpec } from './lock-spec.ts';
import type { Resolver } from './resolver.ts';

const base: ResolvedImage = {
  reference: parseReference('registry.example.com/python:3.11'),
  digest: digestOf('base'),
  platform: { os: 'linux', architecture: 'amd64' },
  manifest: { schemaVersion: 2, config: {}, layers: [] } as unknown as ResolvedImage['manifest'],
  config: { os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: [] } },
};
const rootfs = {} as Rootfs;
const python: LockedPython = {
  executable: '/usr/bin/python3',
  version: '3.11.2',
  scheme: { purelib: '/l', platlib: '/l', scripts: '/b', headers: '/h', data: '/d' },
};

/** Takes every line for the name of a wheel; one that begins with `!` is a problem. */
const pip: Resolver = {
  ecosystem: 'pip',
  check: (lines) =>
    lines.flatMap(({ line, text }) =>
      text.startsWith('!') ? [{ field: 'packages.pip', line, text, code: 'bad', message: say`no` }] : [],
    ),
  resolve: async ({ lines }) => {
    const problems = pip.check(lines);
    if (problems.length > 0) return { problems };
    const packages = lines.map(({ text }) => buildLockedWheel({ name: text, requestedBy: [text] }));
    return { resolution: { packages, python, notices: [say`a notice`], satisfied: [] } };
  },
  prefetch: async () => {},
  fingerprint: async () => 'uv 1',
};

const specOf = (lists: Partial<Record<'apt' | 'conda' | 'pip', string>>, name = 'x'): ImageSpec => {
  const lines = (ecosystem: 'apt' | 'conda' | 'pip') => toPackageLines(lists[ecosystem] ?? '', '').lines;
  const packages = { apt: lines('apt'), conda: lines('conda'), pip: lines('pip') };
  return { name, type: 'universal', base: 'registry.example.com/python:3.11', packages };
};
const lock = (spec: ImageSpec, resolvers: readonly Resolver[] = [pip]) =>
  lockSpec({ spec, base, rootfs, resolvers, fresh: false, signal: new AbortController().signal });
const lockOf = async (spec: ImageSpec) => {
  const answer = await lock(spec);
  if ('problems' in answer) throw new Error('not locked');
  return answer;
};

describe('lockSpec', () => {
  it('gives a sorted lock of the base', async () => {
    const { lock: made, notices } = await lockOf(specOf({ pip: 'b\na' }));
    expect(made.packages.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(made.base).toEqual({
      reference: 'registry.example.com/python:3.11',
      digest: base.digest,
      platform: 'linux/amd64',
    });
    expect([made.python, notices]).toEqual([python, ['a notice']]);
  });

  it('does not depend on order, numbers and comments of the lines', async () => {
    const a = await lockOf(specOf({ pip: 'b\na' }));
    const b = await lockOf(specOf({ pip: '# x\n\na # y\nb' }, 'another'));
    expect(lockDigest(b.lock)).toBe(lockDigest(a.lock));
  });

  it('shows to who is asked later what the ones before leave', async () => {
    const leaves: LayerIndex = { entries: new Map(), whiteouts: [], opaques: [], contents: new Map() };
    const apt: Resolver = {
      ...pip,
      ecosystem: 'apt',
      resolve: async () => ({
        resolution: { packages: [buildLockedDeb()], notices: [], satisfied: [], leaves: async () => [leaves] },
      }),
    };
    const seen: Rootfs[] = [];
    const watching: Resolver = {
      ...pip,
      resolve: (request) => {
        seen.push(request.rootfs);
        expect(request.below?.base).toBe(base);
        return pip.resolve(request);
      },
    };
    const below = createRootfs([]);
    const spec = specOf({ apt: 'jq', pip: 'a' });
    const signal = new AbortController().signal;
    const work: string[] = [];
    const onWork = (message: string) => void work.push(message);
    const resolvers = [watching, apt];
    const answer = await lockSpec({ spec, base, rootfs: below, resolvers, fresh: false, signal, onWork });
    expect(work).toEqual([
      'Solving the apt lines',
      'Laying down the apt packages for the lines that stand on them',
      'Solving the pip lines',
    ]);
    expect(answer).toMatchObject({ lock: { packages: [{ name: 'jq' }, { name: 'a' }], python } });
    expect(seen).toHaveLength(1);
    expect(seen[0]).not.toBe(below);
  });

  it('tells the problems of all ecosystems at once', async () => {
    const answer = await lock(specOf({ apt: '\ngit', conda: 'numpy', pip: 'a\n!b' }));
    expect(answer).toMatchObject({
      problems: [
        { field: 'packages.apt', line: 2, code: 'ecosystem-unsupported' },
        { field: 'packages.conda', line: 1, code: 'ecosystem-unsupported' },
        { field: 'packages.pip', line: 2, code: 'bad' },
      ],
    });
    expect(checkSpec(specOf({ apt: 'git', pip: '!b' }), [pip]).map(({ code }) => code)).toEqual([
      'ecosystem-unsupported',
      'bad',
    ]);
  });
});

describe('lock cache', () => {
  it('remembers within the window, and not what is damaged', async () => {
    await using cache = await temporaryDirectory();
    let time = 1000;
    const { get, put } = createLockCache(cache.path, () => time);
    const key = await lockCacheKey({ spec: specOf({ pip: 'a' }), base, resolvers: [pip] });
    const { lock: made, notices } = await lockOf(specOf({ pip: 'a' }));
    expect(await get(key, 100)).toBeUndefined();
    await put(key, { lock: made, notices });
    expect(await get(key, 100)).toEqual({ lock: made, notices });
    time += 100;
    expect(await get(key, 100)).toBeUndefined();
    expect(await get(key, 0)).toBeUndefined();
    expect(await get(key, 101)).toBeDefined();
    const [file] = await readdir(join(cache.path, 'locks'));
    await writeFile(join(cache.path, 'locks', file!), '{"createdAtMs":1000,"lock":{},"notices":[]}');
    expect(await get(key, 1000)).toBeUndefined();
  });

  it('has one key for one meaning', async () => {
    const key = (spec: ImageSpec, resolvers = [pip], image = base) => lockCacheKey({ spec, base: image, resolvers });
    const first = await key(specOf({ pip: 'a\nb' }));
    expect(await key(specOf({ pip: '#\nb\na' }, 'y'))).toBe(first);
    const others = [
      await key(specOf({ pip: 'a' })),
      await key(specOf({ pip: 'a\nb' }), [{ ...pip, fingerprint: async () => 'uv 2' }]),
      await key(specOf({ pip: 'a\nb' }), [pip], { ...base, digest: digestOf('other') }),
      await key(specOf({ pip: 'a\nb' }), [pip], { ...base, platform: { os: 'linux', architecture: 'arm64' } }),
    ];
    expect(new Set([first, ...others]).size).toBe(5);
  });
});

async function temporaryDirectory() {
  const path = await mkdtemp(join(tmpdir(), 'lock-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}
