import { describe, expect, it } from 'vitest';
import type { PackageSource } from '../../data/package-sources.ts';
import { bodyOf, moved, valuesOf } from './source-values.ts';

const source = (changed: Partial<PackageSource> = {}): PackageSource => ({
  name: 'one',
  kind: 'pip',
  url: 'https://pypi.example.com/simple',
  hasCredentials: false,
  position: 0,
  options: {},
  createdBy: 'alice',
  createdAt: '2026-11-26T00:00:00Z',
  updatedAt: '2026-11-26T00:00:00Z',
  ...changed,
});

describe('a source in its form', () => {
  it('comes back as it was when nothing is changed, and keeps its credentials', () => {
    // All that there are: one that the form does not know would be lost with the next edit.
    const every: Required<PackageSource['options']> = {
      ...{ isDefault: true, suite: 'bookworm', components: ['main', 'contrib'], signedBy: 'KEYS' },
      ...{ mirrorOf: 'http://archive.example.com', certificates: 'PEM', noProxy: ['a.example.com'] },
    };
    const pick = (...names: readonly (keyof typeof every)[]) =>
      Object.fromEntries(names.map((name) => [name, every[name]]));
    const ofKinds = {
      pip: pick('isDefault'),
      conda: {},
      apt: pick('suite', 'components', 'signedBy', 'mirrorOf'),
      'ca-bundle': pick('certificates'),
      proxy: pick('noProxy'),
    } as const;
    expect(Object.assign({}, ...Object.values(ofKinds))).toEqual(every);
    for (const [kind, options] of Object.entries(ofKinds) as [PackageSource['kind'], object][]) {
      const url = kind === 'ca-bundle' ? null : 'https://packages.example.com';
      const body = bodyOf(valuesOf(source({ kind, url, options })));
      expect(body).toEqual({ ...(url !== null && { url }), options });
    }
  });

  it('sends of its options only those of its kind', () => {
    const values = { ...valuesOf(source()), suite: 'bookworm', certificates: 'PEM', isDefault: true };
    expect(bodyOf(values).options).toEqual({ isDefault: true });
    expect(bodyOf({ ...values, kind: 'conda' }).options).toEqual({});
    expect(bodyOf({ ...values, kind: 'proxy', noProxy: 'a.example.com, b.example.com\n' }).options).toEqual({
      noProxy: ['a.example.com', 'b.example.com'],
    });
  });

  it('gives up user name and password together', () => {
    expect(bodyOf({ ...valuesOf(source()), username: 'me', password: null })).toMatchObject({
      username: null,
      password: null,
    });
  });
});

describe('moved', () => {
  const names = (sources: readonly PackageSource[]) => sources.map(({ name }) => name).join('');
  const three = ['a', 'b', 'c'].map((name) => source({ name }));

  it.each([
    ['b', -1, 'bac'],
    ['a', 1, 'bac'],
    ['c', -1, 'acb'],
  ] as const)('puts %s %d to give %s', (name, by, expected) => {
    expect(names(moved(three, name, by))).toBe(expected);
  });
});
