import { chmod, mkdir, mkdtemp, readFile, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compareTrees } from './tree-comparison.ts';
import { renderTreeRules } from './tree-rules.ts';

const site = 'usr/lib/python3/site-packages';

/** A small root file system in a temporary directory, gone with the scope. */
async function makeRoot(files: Readonly<Record<string, string>> = {}) {
  const root = await mkdtemp(join(tmpdir(), 'imagewright-tree-'));
  const add = async (path: string, content: string) => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  };
  const all = { [`${site}/demo/core.py`]: 'a = 1\n', [`${site}/demo-1.dist-info/INSTALLER`]: 'pip\n', ...files };
  for (const [path, content] of Object.entries(all)) await add(path, content);
  await symlink('usr/lib', join(root, 'lib'));
  return { root, add, [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }) };
}

describe('compareTrees', () => {
  it('finds nothing between equal trees', async () => {
    await using one = await makeRoot();
    await using other = await makeRoot();
    expect(compareTrees(one.root, other.root)).toEqual([]);
  });

  it.each([
    [
      'content',
      (root: string) => writeFile(join(root, site, 'demo/core.py'), 'a = 2\n'),
      /core\.py: content \S+ expected, \S+ found/,
    ],
    [
      'mode',
      (root: string) => chmod(join(root, site, 'demo/core.py'), 0o755),
      /core\.py: mode 644 expected, 755 found/,
    ],
    [
      'directory mode',
      (root: string) => chmod(join(root, site, 'demo'), 0o1777),
      /demo: mode 755 expected, 1777 found/,
    ],
    ['a missing file', (root: string) => unlink(join(root, site, 'demo/core.py')), /core\.py: missing \(file\)/],
    ['a new file', (root: string) => writeFile(join(root, 'usr/new'), ''), /\/usr\/new: not expected \(file\)/],
    [
      'a link that became a directory',
      async (root: string) => {
        await unlink(join(root, 'lib'));
        await mkdir(join(root, 'lib'));
      },
      /\/lib: type symlink expected, directory found/,
    ],
    [
      'the target of a link',
      async (root: string) => {
        await unlink(join(root, 'lib'));
        await symlink('usr', join(root, 'lib'));
      },
      /\/lib: target usr\/lib expected, usr found/,
    ],
  ])('tells %s', async (_name, change, difference) => {
    await using one = await makeRoot();
    await using other = await makeRoot();
    await change(other.root);
    expect(compareTrees(one.root, other.root).join('\n')).toMatch(difference);
  });

  it('allows what the rules allow, and not more', async () => {
    const record = (...lines: string[]) => ({
      [`${site}/demo-1.dist-info/RECORD`]: `${['demo/core.py,sha256=x,6', ...lines].join('\r\n')}\r\n`,
    });
    await using pip = await makeRoot(
      record('demo-1.dist-info/INSTALLER,sha256=pip,4', 'demo/__pycache__/core.c.pyc,,'),
    );
    await using ours = await makeRoot(record('demo-1.dist-info/INSTALLER,sha256=ours,11'));
    await pip.add('root/.cache/pip/x', '');
    await pip.add(`${site}/demo/__pycache__/core.cpython-311.pyc`, 'compiled');
    await chmod(join(pip.root, 'root'), 0o755);
    await mkdir(join(ours.root, 'root'));
    await ours.add(`${site}/demo-1.dist-info/INSTALLER`, 'imagewright\n');
    expect(compareTrees(pip.root, ours.root)).toEqual([]);

    await ours.add(`${site}/demo/__pycache__/gone.cpython-311.pyc`, 'left over');
    await ours.add(`${site}/demo-1.dist-info/RECORD`, 'demo/core.py,sha256=y,6\n');
    const found = compareTrees(pip.root, ours.root);
    expect(found.some((line) => /gone\.cpython-311\.pyc: not expected/.test(line))).toBe(true);
    expect(found.some((line) => /RECORD: content/.test(line))).toBe(true);
  });
});

describe('docs/tree-differences.md', () => {
  it('shows the rules by which trees are compared', async () => {
    const page = await readFile(join(import.meta.dirname, '../docs/tree-differences.md'), 'utf8');
    expect(page).toContain(renderTreeRules());
  });
});
