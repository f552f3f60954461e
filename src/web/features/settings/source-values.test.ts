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
    const mirror = source({ kind: 'apt', options: { suite: 'bookworm', components: ['main', 'contrib'] } });
    expect(bodyOf(valuesOf(mirror))).toEqual({ url: mirror.url, options: mirror.options });
    const bundle = source({ kind: 'ca-bundle', url: null, options: { certificates: 'PEM' } });
    expect(bodyOf(valuesOf(bundle))).toEqual({ options: { certificates: 'PEM' } });
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
