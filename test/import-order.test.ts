import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

/** The folders of `src/` in the order of the data. A file imports from its own folder and from folders above it. */
const order = [
  'errors.ts',
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
  const files = globSync('**/*.ts', { cwd: source })
    .filter((file) => !/\.(test|contract)\.ts$/.test(file))
    .map((file) => join(source, file));

  it('knows every folder', () => {
    expect([...new Set(files.map(folderOf))].filter((folder) => !order.includes(folder))).toEqual([]);
  });

  it.each(files.map((file) => [relative(source, file), file]))('%s imports only from above', (_name, file) => {
    const own = order.indexOf(folderOf(file));
    expect(importsOf(file).filter((target) => order.indexOf(folderOf(target)) > own)).toEqual([]);
  });
});
