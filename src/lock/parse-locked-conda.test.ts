import { describe, expect, it } from 'vitest';
import { buildLockedConda, buildLockedDeb } from '../../test/makers.ts';
import { digestOf } from '../oci/digest.ts';
import type { Lock } from './lock.ts';
import { formatLock } from './lock-digest.ts';
import { parseLock, parseLockObject } from './parse-lock.ts';

const numpy = buildLockedConda({
  name: 'numpy',
  version: '1!2.1.0+local',
  build: 'py312h58c1407_0',
  buildNumber: 3,
  subdir: 'linux-64',
  md5: 'a'.repeat(32),
  depends: ['python >=3.12,<3.13.0a0', '__glibc >=2.17'],
  constrains: ['numpy-base <0a0'],
  license: 'BSD-3-Clause',
  timestamp: 1_725_000_000_000,
  features: 'nomkl',
  trackFeatures: ['blas_openblas'],
  requestedBy: ['numpy>=2'],
  requiredBy: ['pandas'],
  replaces: {
    version: '1.26.4',
    build: 'py312heda63a1_0',
    recordPath: '/opt/conda/conda-meta/numpy-1.26.4-py312heda63a1_0.json',
  },
});
const lock: Lock = {
  lockVersion: 1,
  base: { reference: 'registry.example.com/conda:24', digest: digestOf('base'), platform: 'linux/amd64' },
  conda: { path: '/opt/conda', isNew: false, python: '3.12.7', sitePackages: 'lib/python3.12/site-packages' },
  packages: [buildLockedDeb(), buildLockedConda({ name: '_libgcc_mutex', noarch: 'generic' }), numpy],
};

describe('parseLock for conda packages', () => {
  it('reads what formatLock writes', () => {
    expect(parseLock(Buffer.from(formatLock(lock)))).toEqual(lock);
  });

  it.each([
    [{ name: 'NumPy' }, 'name'],
    [{ name: '../numpy' }, 'name'],
    [{ version: '1-2' }, 'version'],
    [{ build: '../0' }, 'build'],
    [{ buildNumber: -1 }, 'buildNumber'],
    [{ subdir: 'win-64' }, 'subdir'],
    [{ filename: 'numpy-2.0-py312h58c1407_0.conda' }, 'filename'],
    [{ filename: `${numpy.filename}.zip` }, 'filename'],
    [{ channel: 'https://user:secret@conda.example.com/c/' }, 'channel'],
    [{ channel: 'http://conda.example.com/c/' }, 'channel'],
    [{ url: 'https://conda.example.com/t/secret/c/noarch/a.conda' }, 'url'],
    [{ sha256: '' }, 'sha256'],
    [{ md5: 'x' }, 'md5'],
    [{ noarch: true }, 'noarch'],
    [{ depends: [1] }, 'depends[0]'],
    [{ requiredBy: ['a b'] }, 'requiredBy[0]'],
    [{ timestamp: 1.5 }, 'timestamp'],
    [{ replaces: { ...numpy.replaces, recordPath: 'conda-meta/a.json' } }, 'replaces.recordPath'],
    [{ more: 1 }, 'more'],
  ])('refuses %j', (wrong, field) => {
    const message = expect.stringContaining(`: packages[2].${field}: `);
    const packages = [...lock.packages.slice(0, 2), { ...numpy, ...wrong }];
    expect(() => parseLockObject({ ...lock, packages })).toThrow(
      expect.objectContaining({ code: 'lock-invalid', message }),
    );
  });

  it.each([
    [undefined, 'conda'],
    [{ ...lock.conda, path: 'opt' }, 'conda.path'],
    [{ ...lock.conda, isNew: 1 }, 'conda.isNew'],
    [{ ...lock.conda, python: '3 12' }, 'conda.python'],
    [{ ...lock.conda, sitePackages: '../lib' }, 'conda.sitePackages'],
  ])('refuses the environment %j', (conda, field) => {
    const { conda: _, ...rest } = lock;
    const message = expect.stringContaining(`: ${field}: `);
    expect(() => parseLockObject(conda === undefined ? rest : { ...rest, conda })).toThrow(
      expect.objectContaining({ code: 'lock-invalid', message }),
    );
  });
});
