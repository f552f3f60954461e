import { type FixtureMember, writeTar } from '../src/rootfs/tar.fixture.ts';

const directory = (path: string, more: Partial<FixtureMember> = {}): FixtureMember => ({
  path,
  flag: '5',
  mode: 0o755,
  ...more,
});
const link = (path: string, linkPath: string): FixtureMember => ({ path, flag: '2', linkPath, mode: 0o777 });
const program = (path: string, body: string): FixtureMember => ({ path, body, mode: 0o755 });

/** The least that is a Debian with a Python 3.11, usrmerge links and all, as far as a build looks. Nothing in it can be started. */
const debianPython: readonly FixtureMember[] = [
  directory('etc'),
  { path: 'etc/os-release', body: 'ID=debian\nVERSION_ID="12"\n' },
  directory('usr'),
  directory('usr/bin'),
  link('usr/bin/python3', 'python3.11'),
  program('usr/bin/python3.11', '\x7fELF\0/lib64/ld-linux-x86-64.so.2\0 3.11.2\0'),
  directory('usr/lib'),
  directory('usr/lib/python3.11'),
  { path: 'usr/lib/python3.11/os.py', body: '' },
  directory('usr/lib/x86_64-linux-gnu'),
  program('usr/lib/x86_64-linux-gnu/libc.so.6', 'GNU C Library (Debian GLIBC) stable release version 2.36.\n'),
  directory('usr/lib64'),
  program('usr/lib64/ld-linux-x86-64.so.2', 'loader'),
  link('bin', 'usr/bin'),
  link('lib', 'usr/lib'),
  link('lib64', 'usr/lib64'),
  directory('usr/local'),
  directory('usr/local/bin'),
  directory('usr/local/etc', { mode: 0o700, uid: 1000 }),
  directory('usr/local/lib'),
  link('usr/local/man', 'share/man'),
  directory('usr/local/share'),
  directory('usr/local/share/man'),
];

/** A tar of a small Debian with Python 3.11, and these files in its dist-packages below /usr/local as pip would have put them there. */
export function syntheticBase(installed: Readonly<Record<string, string>> = {}): Buffer {
  const site = 'usr/local/lib/python3.11/dist-packages';
  const directories = new Set(['usr/local/lib/python3.11', site]);
  for (const path of Object.keys(installed)) {
    const parts = path.split('/').slice(0, -1);
    for (let i = 1; i <= parts.length; i++) directories.add(`${site}/${parts.slice(0, i).join('/')}`);
  }
  const files = Object.entries(installed).map(([path, body]) => ({ path: `${site}/${path}`, body }));
  const extra = files.length === 0 ? [] : [...[...directories].map((path) => directory(path)), ...files];
  return writeTar([...debianPython, ...extra]);
}
