import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildLockedDeb, buildLockedWheel } from '../../test/makers.ts';
import { digestOf } from '../oci/digest.ts';
import { diffLocks } from './diff-locks.ts';
import type { Lock } from './lock.ts';
import { formatLock, lockDigest, revisionOf } from './lock-digest.ts';
import { parseLock, parseLockObject } from './parse-lock.ts';

const lock: Lock = {
  lockVersion: 1,
  base: {
    reference: 'registry.example.com/python:3.11',
    digest: digestOf('base'),
    platform: 'linux/amd64',
  },
  python: {
    executable: '/usr/bin/python3',
    version: '3.11.2',
    scheme: {
      purelib: '/usr/local/lib/python3.11/dist-packages',
      platlib: '/usr/local/lib/python3.11/dist-packages',
      scripts: '/usr/local/bin',
      headers: '/usr/local/include/python3.11',
      data: '/usr/local',
    },
  },
  packages: [
    buildLockedWheel({ name: 'a', requestedBy: ['a>=1'], requiredBy: ['b'] }),
    buildLockedWheel({
      name: 'b',
      directUrl: 'https://files.example.com/b-1.0-py3-none-any.whl',
      replaces: { version: '0.9', metadataPath: '/usr/local/lib/python3.11/dist-packages/b-0.9.dist-info' },
    }),
  ],
};

/** The lock with one member, told by its path, changed. */
const changed = (path: string, value: unknown): unknown => {
  const copy = structuredClone(lock) as unknown as Record<string, unknown>;
  const keys = path.split('.');
  const parent = keys.slice(0, -1).reduce((object, key) => object[key] as Record<string, unknown>, copy);
  parent[keys.at(-1)!] = value;
  return copy;
};

describe('parseLock', () => {
  it('reads what formatLock writes', () => {
    expect(parseLock(Buffer.from(formatLock(lock)))).toEqual(lock);
    expect(formatLock(lock)).toMatch(/^\{\n {2}"base"/);
  });

  it('reads that bytecode is laid down too, and nothing else in its place', () => {
    const compiled = changed('python.compileBytecode', true);
    expect(parseLockObject(compiled)).toEqual(compiled);
    expect(lockDigest(parseLockObject(compiled))).not.toBe(lockDigest(lock));
    expect(() => parseLockObject(changed('python.compileBytecode', false))).toThrow('python.compileBytecode');
  });

  it('reads Debian packages, of several architectures too, and needs no Python for them', () => {
    const debs = [buildLockedDeb(), buildLockedDeb({ architecture: 'i386', version: '1:2.0~rc1-3+b1' })];
    const { python: _, ...bare } = lock;
    const withDebs: Lock = { ...bare, packages: debs };
    expect(parseLock(Buffer.from(formatLock(withDebs)))).toEqual(withDebs);
    expect(diffLocks(withDebs, { ...withDebs, packages: [debs[0]!] }).removed).toEqual([debs[1]]);
    for (const wrong of [{ name: '-o' }, { version: '1 2' }, { architecture: '../x' }, { url: 'file:///a.deb' }]) {
      const packages = [{ ...debs[0], ...wrong }];
      expect(() => parseLockObject({ ...bare, packages })).toThrow(expect.objectContaining({ code: 'lock-invalid' }));
    }
  });

  it('reads source archives with all that they are built with, and nothing that is not strictly one', () => {
    const requirement = (name: string) => {
      const { ecosystem: _, requestedBy: _requested, requiredBy: _required, ...file } = buildLockedWheel({ name });
      return file;
    };
    const buildRequires = [requirement('cython'), requirement('setuptools')];
    const sdist = { ...buildLockedWheel({ name: 'a-b' }), filename: 'a-b-1.0.tar.gz', buildRequires };
    const withSdist = { ...lock, packages: [sdist] } as Lock;
    expect(parseLock(Buffer.from(formatLock(withSdist)))).toEqual(withSdist);
    for (const [wrong, field] of [
      [{ filename: 'a_b-1.0-py3-none-any.whl' }, 'filename'],
      [{ filename: '../a-b-1.0.tar.gz' }, 'filename'],
      [{ filename: 'c-1.0.tar.gz' }, 'filename'],
      [{ filename: 'a-b.zip' }, 'filename'],
      [{ buildRequires: {} }, 'buildRequires'],
      [{ buildRequires: [...buildRequires].reverse() }, 'buildRequires[1]'],
      [{ buildRequires: [buildRequires[0], buildRequires[0]] }, 'buildRequires[1]'],
      [{ buildRequires: [{ ...buildRequires[0], sha256: '' }] }, 'buildRequires[0].sha256'],
      [{ buildRequires: [{ ...buildRequires[0], url: 'http://example.com/c.whl' }] }, 'buildRequires[0].url'],
      [{ buildRequires: [{ ...buildRequires[0], filename: 'cython-1.0.tar.gz' }] }, 'buildRequires[0].filename'],
      [{ buildRequires: [{ ...buildRequires[0], requiredBy: [] }] }, 'buildRequires[0].requiredBy'],
    ] as const) {
      const message = expect.stringContaining(`: packages[0].${field}: `);
      const packages = [{ ...sdist, ...wrong }];
      expect(() => parseLockObject({ ...lock, packages })).toThrow(expect.objectContaining({ message }));
    }
  });

  it.each([
    ['lockVersion', 2, 'lockVersion'],
    ['base.digest', 'sha256:00', 'base.digest'],
    ['base.reference', 'a b', 'base.reference'],
    ['base.platform', 'linux', 'base.platform'],
    ['base.more', 1, 'base.more'],
    ['python', undefined, 'python'],
    ['python.executable', '/usr/../bin/python3', 'python.executable'],
    ['python.scheme.purelib', 'lib', 'python.scheme.purelib'],
    ['packages', {}, 'packages'],
    ['packages.0.ecosystem', 'npm', 'packages[0].ecosystem'],
    ['packages.0.name', 'A', 'packages[0].name'],
    ['packages.0.name', 'c', 'packages[0].filename'],
    ['packages.0.filename', '../a-1.0-py3-none-any.whl', 'packages[0].filename'],
    ['packages.0.url', 'http://files.example.com/a.whl', 'packages[0].url'],
    ['packages.0.url', 'file:///etc/passwd', 'packages[0].url'],
    ['packages.0.url', 'https://me:word@files.example.com/a.whl', 'packages[0].url'],
    ['packages.0.sha256', 'A'.repeat(64), 'packages[0].sha256'],
    ['packages.0.sizeBytes', -1, 'packages[0].sizeBytes'],
    ['packages.0.sizeBytes', 1e300, 'packages[0].sizeBytes'],
    ['packages.0.requestedBy', ['a\u001b[2J'], 'packages[0].requestedBy[0]'],
    ['packages.0.requiredBy', [1], 'packages[0].requiredBy[0]'],
    ['packages.1.replaces.metadataPath', '/a/./b', 'packages[1].replaces.metadataPath'],
    ['packages.1.replaces.broughtBy', 'apt', 'packages[1].replaces.broughtBy'],
    ['packages.1', lock.packages[0], 'packages[1].filename'.replace('.filename', '')],
  ])('refuses %s = %j', (path, value, field) => {
    const message = expect.stringContaining(`: ${field}: `);
    expect(() => parseLockObject(changed(path, value))).toThrow(
      expect.objectContaining({ code: 'lock-invalid', message }),
    );
  });

  it('takes what conda packages of the same lock bring', () => {
    const given = changed('packages.1.replaces.broughtBy', 'conda');
    expect(parseLockObject(given)).toEqual(given);
  });

  it('takes plain http from this machine', () => {
    expect(parseLockObject(changed('packages.0.url', 'http://127.0.0.1:8080/a-1.0-py3-none-any.whl'))).toBeDefined();
  });

  it('never throws anything else', () => {
    const refused = (read: () => unknown) => {
      try {
        read();
      } catch (error) {
        expect(error).toMatchObject({ code: 'lock-invalid' });
      }
    };
    fc.assert(fc.property(fc.uint8Array(), (bytes) => refused(() => parseLock(bytes))));
    fc.assert(fc.property(fc.jsonValue(), (value) => refused(() => parseLockObject(value))));
    const place = fc.constantFrom(
      'base',
      'python',
      'python.scheme',
      'packages',
      'packages.0',
      'packages.0.url',
      'packages.1.replaces',
    );
    fc.assert(
      fc.property(place, fc.jsonValue(), (path, value) => refused(() => parseLockObject(changed(path, value)))),
    );
  });
});

describe('lockDigest', () => {
  it('is the same however members are ordered, another for another package', () => {
    const reordered = Object.fromEntries(Object.entries(lock).reverse()) as unknown as Lock;
    expect(lockDigest(reordered)).toBe(lockDigest(lock));
    expect(lockDigest({ ...lock, packages: lock.packages.slice(1) })).not.toBe(lockDigest(lock));
    expect(revisionOf(lock)).toMatch(/^[0-9a-f]{8}$/);
    expect(lockDigest(lock)).toContain(revisionOf(lock));
  });
});

describe('diffLocks', () => {
  it('tells what comes, goes and changes', () => {
    const next = [buildLockedWheel({ name: 'a', version: '2.0' }), buildLockedWheel({ name: 'c' })];
    const { added, removed, changed: others } = diffLocks(lock, { ...lock, packages: next });
    expect(added.map(({ name }) => name)).toEqual(['c']);
    expect(removed.map(({ name }) => name)).toEqual(['b']);
    expect(others.map(({ from, to }) => [from.version, to.version])).toEqual([['1.0', '2.0']]);
    expect(diffLocks(lock, lock)).toEqual({ added: [], removed: [], changed: [] });
  });
});
