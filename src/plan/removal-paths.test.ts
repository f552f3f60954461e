import { describe, expect, it } from 'vitest';
import { createRootfs } from '../rootfs/create-rootfs.ts';
import type { RootfsEntry } from '../rootfs/entry.ts';
import { removalPaths } from './removal-paths.ts';

const root = { mode: 0o755, uid: 0, gid: 0 };

/** A root file system with these files, all their directories made. */
function rootfsWith(...files: string[]) {
  const entries = new Map<string, RootfsEntry>();
  for (const file of files) {
    const parts = file.split('/').slice(1, -1);
    for (let i = 1; i <= parts.length; i++)
      entries.set(`/${parts.slice(0, i).join('/')}`, { ...root, type: 'directory' });
    entries.set(file, { ...root, mode: 0o644, type: 'file', sizeBytes: 1 });
  }
  return createRootfs([{ entries, whiteouts: [], opaques: [], contents: new Map() }]);
}

const remove = (present: string[], files: string[], keep: string[] = []) =>
  removalPaths({ rootfs: rootfsWith(...present), files, keep });

describe('removalPaths', () => {
  it('removes a directory as a whole when nothing else is in it', () => {
    const files = ['/s/demo/__init__.py', '/s/demo/sub/a.py', '/s/demo-1.0.dist-info/RECORD'];
    expect(remove([...files, '/s/other.py'], files)).toEqual(['/s/demo', '/s/demo-1.0.dist-info']);
  });

  it('leaves what the distribution does not own', () => {
    const files = ['/s/demo/__init__.py', '/bin/demo'];
    expect(remove([...files, '/s/demo/user-data', '/bin/sh'], files)).toEqual(['/bin/demo', '/s/demo/__init__.py']);
  });

  it('takes the bytecode of removed modules along, of any interpreter, and no other', () => {
    const present = [
      '/s/a.py',
      '/s/__pycache__/a.cpython-311.pyc',
      '/s/__pycache__/a.cpython-313.opt-1.pyc',
      '/s/__pycache__/ab.cpython-311.pyc',
      '/s/ab.py',
    ];
    expect(remove(present, ['/s/a.py'])).toEqual([
      '/s/__pycache__/a.cpython-311.pyc',
      '/s/__pycache__/a.cpython-313.opt-1.pyc',
      '/s/a.py',
    ]);
  });

  it('ignores files that are gone already', () => {
    expect(remove(['/s/a.py', '/s/b.py'], ['/s/a.py', '/s/never.py'])).toEqual(['/s/a.py']);
  });

  it('never removes the directories of the install scheme, even when they become empty', () => {
    expect(remove(['/usr/local/bin/demo', '/x'], ['/usr/local/bin/demo'], ['/usr/local/bin'])).toEqual([
      '/usr/local/bin/demo',
    ]);
  });
});
