import { describe, expect, it } from 'vitest';
import { watchForPython } from './watch-for-python.ts';

const configWith = (path?: string) => ({
  architecture: 'amd64',
  os: 'linux',
  rootfs: { type: 'layers' as const, diff_ids: [] },
  config: { Env: path === undefined ? [] : [`PATH=${path}`] },
});

async function likely(path: string | undefined, seen: readonly string[]) {
  const watch = watchForPython(configWith(path));
  for (const each of seen) watch.see(each);
  return Promise.race([watch.likely, Promise.resolve('none')]);
}

const usual = '/usr/local/bin:/usr/bin:/bin';

describe('watchForPython', () => {
  it.each([
    ['that of the operating system', undefined, ['/usr/bin/python3.11', '/usr/lib/python3.11'], '3.11'],
    ['the first one that shows', usual, ['/usr/local/bin/python3.13', '/usr/bin/python3.11'], '3.13'],
    [
      'one in a directory of the image, not that of the system',
      `/opt/conda/bin:${usual}`,
      ['/usr/bin/python3.10', '/opt/conda/bin/python3.12'],
      '3.12',
    ],
  ])('expects %s', async (_, path, seen, version) => {
    expect(await likely(path, seen)).toEqual({ version, libcFamily: 'glibc' });
  });

  it.each([
    ['no Python shows', usual, ['/usr/bin/perl', '/usr/share/python3.11', '/usr/bin/python3']],
    ['the directory that comes first is still to come', `/opt/venv/bin:${usual}`, ['/usr/bin/python3.11']],
  ])('expects nothing while %s', async (_, path, seen) => {
    expect(await likely(path, seen)).toBe('none');
  });

  it('tells musl by its loader', async () => {
    expect(await likely(undefined, ['/lib/ld-musl-x86_64.so.1', '/usr/bin/python3.12'])).toEqual({
      version: '3.12',
      libcFamily: 'musl',
    });
  });
});
