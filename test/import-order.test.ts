import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

/** The folders of `src/` in the order of the data. A file imports from its own folder and from folders above it. */
const order = [
  'sentence.ts',
  'sentences',
  'errors.ts',
  'threads',
  'oci',
  'http',
  'registry',
  'rootfs',
  'spec',
  'lock',
  'plan',
  'layers',
  'image',
  'sandbox',
  'ecosystems',
  'build',
  'store',
  'queue',
  'runners',
  'api',
  'server',
  'cli',
  'web',
  'main.ts',
];

const source = resolve(import.meta.dirname, '../src');
const folderOf = (path: string) => relative(source, path).split('/')[0]!;

const importsOf = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map((match) =>
    join(dirname(file), match[1]!),
  );

describe('import order', () => {
  // Tests may look anywhere: they stand beside what they test and borrow from all rooms.
  const files = globSync('**/*.{ts,tsx}', { cwd: source })
    .filter((file) => !/\.(test|contract)\.tsx?$/.test(file))
    .map((file) => join(source, file));

  it('knows every folder', () => {
    expect([...new Set(files.map(folderOf))].filter((folder) => !order.includes(folder))).toEqual([]);
  });

  it.each(files.map((file) => [relative(source, file), file]))('%s imports only from above', (_name, file) => {
    const own = order.indexOf(folderOf(file));
    expect(importsOf(file).filter((target) => order.indexOf(folderOf(target)) > own)).toEqual([]);
  });
});

describe('the start of a command', () => {
  // What commands load: all but what only a server needs.
  const files = globSync('**/*.ts', { cwd: source, exclude: ['server/**', 'web/**'] }).filter(
    (file) => !/\.(test|contract|fixture)\.ts$/.test(file),
  );

  // `import` of them looks at all they export, and so loads the whole of fetch: see http/node-http.ts.
  it.each(files)('%s does not wait for the whole of fetch', (file) => {
    const text = readFileSync(join(source, file), 'utf8');
    expect(text).not.toMatch(/^import (?!type )[^;]*from 'node:https?'/m);
  });

  /** What a file loads before it runs, itself included. */
  function loadedBy(file: string, found = new Set<string>()): ReadonlySet<string> {
    if (found.has(file)) return found;
    found.add(file);
    const imports = readFileSync(file, 'utf8').matchAll(/^import (?!type )[^;]*?from '(\.[^']+)'/gm);
    for (const match of imports) loadedBy(join(dirname(file), match[1]!), found);
    return found;
  }

  it.each(['build', 'lock'])(
    '%s loads no ecosystem, no sandbox and no builder of source that it may not want',
    (name) => {
      const loaded = [...loadedBy(join(source, `cli/${name}-command.ts`))].map((file) => relative(source, file));
      expect(loaded).toContain('ecosystems/open-ecosystems.ts');
      const rarely = loaded.filter((file) =>
        /^(?:ecosystems\/(?:archives|(?:apt|conda|pip)\/[^/]*-(?:support|resolver))|sandbox\/(?!defer-|sandbox\.))/.test(
          file,
        ),
      );
      expect(rarely).toEqual([]);
    },
  );

  it('solving pip lines loads nothing that builds source', () => {
    const loaded = [...loadedBy(join(source, 'ecosystems/pip/pip-support.ts'))].map((file) => relative(source, file));
    expect(
      loaded.filter((file) => /^(?:ecosystems\/archives\/(?!stored-zip)|sandbox\/(?!sandbox\.))/.test(file)),
    ).toEqual([]);
  });
});

/** The folders of `src/web/` from the top down: a file imports from its own folder and from those below it. */
const pageOrder = ['app', 'features', 'data', 'ui', 'i18n'];
/** What the page may know of the rest. */
const seenByPage = ['sentences', 'errors.ts', 'oci', 'spec', 'api'];

describe('import order of the page', () => {
  const page = join(source, 'web');
  const files = globSync('*/**/*.{ts,tsx}', { cwd: page })
    .filter((file) => !/\.(test|d)\.tsx?$/.test(file))
    .map((file) => join(page, file));
  const roomOf = (path: string) => relative(page, path).split('/')[0]!;

  it('knows every folder', () => {
    expect([...new Set(files.map(roomOf))].filter((folder) => !pageOrder.includes(folder))).toEqual([]);
  });

  it.each(files.map((file) => [relative(page, file), file]))('%s', (_name, file) => {
    const targets = importsOf(file);
    const outside = targets.filter((target) => relative(page, target).startsWith('..'));
    expect(outside.filter((target) => !seenByPage.includes(folderOf(target)))).toEqual([]);
    const inside = targets.filter((target) => !outside.includes(target));
    const own = pageOrder.indexOf(roomOf(file));
    expect(inside.filter((target) => pageOrder.indexOf(roomOf(target)) < own)).toEqual([]);
    if (roomOf(file) !== 'features') return;
    const featureOf = (path: string) => relative(page, path).split('/')[1];
    const others = inside.filter((target) => roomOf(target) === 'features' && featureOf(target) !== featureOf(file));
    expect(others).toEqual([]);
  });
});
