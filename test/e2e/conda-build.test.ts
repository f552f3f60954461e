import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LockedConda } from '../../src/lock/lock.ts';
import type { BaseName } from '../bases/recipes.ts';
import type { Container } from '../buildah.ts';
import { type Built, type ComparisonBed, openComparisonBed } from '../comparison-bed.ts';
import { askOracle, type CondaChannel, readPrefixRecords, startCondaChannel } from '../conda-channel.ts';

let bed: ComparisonBed;
let channel: CondaChannel;
beforeAll(async () => {
  channel = await startCondaChannel();
  bed = await openComparisonBed();
});
afterAll(async () => {
  for (const each of [bed, channel]) await each?.[Symbol.asyncDispose]();
});

const build = (base: string, packages: Parameters<ComparisonBed['build']>[1]) =>
  bed.build(base, packages, { env: { CONDA_CHANNELS: channel.url } });
const condaOf = ({ lock }: Built) => lock.packages.filter((each): each is LockedConda => each.ecosystem === 'conda');
const variables = { PATH: '/opt/conda/bin:/usr/bin:/bin', PYTHONDONTWRITEBYTECODE: '1', HOME: '/tmp' };
const inContainer = { user: '0', variables };

/** What the lock says, as rattler's own binding says it of the same channel. */
async function rattlersChoice(specs: readonly string[], glibc: string) {
  const cacheDir = await mkdtemp(join(tmpdir(), 'rattler-'));
  const virtual = [
    ['__glibc', glibc],
    ['__linux', '5.10'],
    ['__unix', '0'],
  ] as const;
  const chosen = await askOracle({ channels: [channel.url], specs, virtual, cacheDir });
  await rm(cacheDir, { recursive: true });
  return chosen;
}

/** The records of `conda-meta` by name, as they stand: the base's are of older tools than rattler reads. */
async function recordsIn({ root }: Container) {
  const directory = join(root, '/opt/conda/conda-meta');
  const files = (await readdir(directory)).filter((file) => file.endsWith('.json'));
  const records = await Promise.all(
    files.map(async (file) => JSON.parse(await readFile(join(directory, file), 'utf8'))),
  );
  return Object.fromEntries(records.map((record: InstalledRecord) => [record.name, record]));
}

interface InstalledRecord {
  readonly name: string;
  readonly build: string;
  readonly files: readonly string[];
}

describe('an environment of its own', () => {
  let built: Built;
  let container: Container;
  beforeAll(async () => {
    const conda = ['python', `-c ${channel.url} numpy>=2`, 'rich'];
    built = await build(await bed.pushBase('slim'), { conda, pip: ['tabulate', 'rich', 'pandas'] });
    container = await bed.buildah.from(built.image);
  });
  afterAll(() => container?.[Symbol.asyncDispose]());

  it('is solved as rattler solves it', async () => {
    const facts = ({ name, version, build: text, url, sha256, depends, requiredBy }: LockedConda) => ({
      ...{ name, version, build: text, url, sha256, depends },
      requiredBy: [...requiredBy].sort(),
    });
    const expected = await rattlersChoice(['python', 'numpy>=2', 'rich'], '2.41');
    expect(condaOf(built).map(facts)).toEqual(expected.map(facts).sort((a, b) => (a.name < b.name ? -1 : 1)));
  });

  it('has records that rattler reads', async () => {
    const records = await readPrefixRecords(join(container.root, '/opt/conda'));
    expect(Object.keys(records).sort()).toEqual(condaOf(built).map(({ name }) => name));
  });

  it('is what pip stands on: it takes what is there, and brings only the rest', () => {
    const pip = built.lock.packages.filter(({ ecosystem }) => ecosystem === 'pip').map(({ name }) => name);
    expect(pip).toContain('pandas');
    expect(pip).toContain('tabulate');
    expect(pip).not.toContain('numpy');
    expect(pip).not.toContain('rich');
    expect(built.lock.python).toMatchObject({ executable: expect.stringMatching(/^\/opt\/conda\/bin\/python3?$/) });
  });

  it('runs by the image’s own PATH', async () => {
    await container.shell(
      'python -c "import numpy, rich, tabulate, pandas; print(pandas.DataFrame([1]))"',
      inContainer,
    );
  });
});

describe('on a base with an environment', () => {
  it('replaces what a line wants otherwise, keeps the rest, and leaves nothing of the old', async () => {
    const base = await bed.pushBase('conda' satisfies BaseName);
    await using before = await bed.buildah.from(base);
    const old = await recordsIn(before);
    const built = await build(base, { conda: [`${channel.url}::pip`, 'click'], pip: ['tabulate'] });
    expect(built.lock.conda).toMatchObject({ path: '/opt/conda', isNew: false });
    expect(condaOf(built).map(({ name, replaces }) => [name, replaces?.build])).toEqual([
      ['click', undefined],
      ['pip', old.pip!.build],
    ]);
    await using container = await bed.buildah.from(built.image);
    const records = await recordsIn(container);
    expect(Object.keys(records).sort()).toEqual(['click', 'pip', 'python']);
    expect(records.pip!.build).not.toBe(old.pip!.build);
    const gone = old.pip!.files.filter((file) => !records.pip!.files.includes(file));
    for (const file of gone) await container.shell(`test ! -e "/opt/conda/${file}"`, inContainer);
    await container.shell('python -m pip --version && python -c "import click, tabulate"', inContainer);
  });
});
