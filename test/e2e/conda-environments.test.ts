import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Container } from '../buildah.ts';
import { type Built, type ComparisonBed, openComparisonBed } from '../comparison-bed.ts';
import { type CondaChannel, startCondaChannel } from '../conda-channel.ts';
import { asRoot } from '../container-pip.ts';

let bed: ComparisonBed;
let channel: CondaChannel;
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  channel = await startCondaChannel();
  bed = await openComparisonBed();
  env = { CONDA_CHANNELS: channel.url };
});
afterAll(async () => {
  for (const each of [bed, channel]) await each?.[Symbol.asyncDispose]();
});

const events = ({ output }: Built) =>
  output
    .trim()
    .split('\n')
    .map(
      (line) =>
        JSON.parse(line) as {
          type: string;
          layer?: number;
          state?: string;
          line?: string;
          layers?: { title: string }[];
        },
    );

describe('a new environment with link scripts, and pip lines above it', () => {
  let base: string;
  let container: Container;
  let built: Built;

  beforeAll(async () => {
    base = await bed.pushBase('slim');
    built = await bed.build(base, { conda: ['link-script-after', 'numpy', 'pip'], pip: ['httpx'] }, { env });
    container = await bed.buildah.from(built.image);
  });
  afterAll(() => container?.[Symbol.asyncDispose]());

  it('runs the scripts in link order with what conda gives them, and keeps what they changed', () => {
    expect(readFileSync(join(container.root, 'opt/conda/etc/linked'), 'utf8')).toBe(
      '/opt/conda link-script 1.0 3\n/opt/conda/bin/link-script-tool\nafter\n',
    );
    expect(() => readFileSync(join(container.root, 'opt/conda/share/template'))).toThrow('ENOENT');
    expect(() => readFileSync(join(container.root, 'opt/conda/.messages.txt'))).toThrow('ENOENT');
    const lines = events(built).flatMap(({ line }) => line ?? []);
    expect(lines).toContain('Running the post-link script of link-script 1.0');
    expect(lines).toContain('configured');
  });

  it('finds programs and packages without activation, pip going on where conda ended', async () => {
    await container.shell(
      'python -c "import numpy, httpx; print(httpx.__file__)" | grep -q ^/opt/conda/lib/python3',
      quietly,
    );
    expect(await container.run(['pip', 'check'], { ...asRoot(), user: '0' })).toBe('No broken requirements found.');
  });

  it('tells conda what was asked for', () => {
    const history = readFileSync(join(container.root, 'opt/conda/conda-meta/history'), 'utf8');
    expect(history).toContain('# update specs: ["link-script-after","numpy","pip"]\n');
    expect(history).toContain(`+${channel.url}linux-64::numpy-2.5.5-py313h1234567_0\n`);
  });

  it('makes the same image elsewhere, and runs no script again for another pip line', async () => {
    const packages = { conda: ['link-script-after', 'numpy', 'pip'], pip: ['httpx', 'six'] };
    const here = await bed.build(base, packages, { env });
    const elsewhere = await bed.build(base, packages, { env, data: 'elsewhere' });
    expect(here.image.split('@')[1]).toBe(elsewhere.image.split('@')[1]);
    expect(events(here).filter(({ type }) => type === 'output')).toEqual([]);
    expect(events(elsewhere).filter(({ type }) => type === 'output').length).toBeGreaterThan(0);
  });
});

describe('the line that the manual prints', () => {
  it('brings that numpy of conda-forge', async () => {
    const line = '-c conda-forge::numpy==1.17*';
    expect(readFileSync(manual, 'utf8')).toContain(`\`${line}\``);
    await using forge = await startCondaChannel('conda-forge');
    const built = await bed.build(
      await bed.pushBase('slim'),
      { conda: [line] },
      { env: { CONDA_CHANNEL_ALIAS: new URL('..', forge.url).href } },
    );
    const [numpy, ...others] = built.lock.packages;
    expect(others).toEqual([]);
    expect(numpy).toMatchObject({ version: '1.17.5', channel: forge.url, requestedBy: ['conda-forge::numpy 1.17.*'] });
    await using container = await bed.buildah.from(built.image);
    expect(recordsOf(container).numpy!.version).toBe('1.17.5');
    const about = readFileSync(join(container.root, 'opt/conda/lib/python3.7/site-packages/numpy/version.py'), 'utf8');
    expect(about).toMatch(/^version = '1\.17\.5'/m);
  });
});

describe("the base's own environment", () => {
  it('takes the place of a package without a rest of it, and keeps the others', async () => {
    const base = await bed.pushBase('conda');
    await using before = await bed.buildah.from(base);
    const built = await bed.build(base, { conda: ['pip>=26', 'rich'] }, { env });
    await using after = await bed.buildah.from(built.image);
    const [old, now] = [recordsOf(before), recordsOf(after)];
    expect(old.pip!.version).not.toBe('26.2');
    expect(now.pip!.version).toBe('26.2');
    expect(now.python).toEqual(old.python);
    const site = join(after.root, 'opt/conda/lib/python3.13/site-packages');
    expect(listed(site, 'pip-')).toEqual(['pip-26.2.dist-info']);
    await after.shell('pip --version | grep -q "pip 26.2 " && python -c "import rich" && pygmentize -V', quietly);
    const lost = now.pip!.files.filter((file) => !exists(join(after.root, 'opt/conda', file)));
    expect(lost).toEqual([]);
    const left = old.pip!.files.filter(
      (file) => !now.pip!.files.includes(file) && exists(join(after.root, 'opt/conda', file)),
    );
    expect(left).toEqual([]);
  });
});

describe('what cannot be built', () => {
  it.each([
    [
      'link-script-fails',
      'post-link script of the conda package link-script-fails 1.0 failed: no such thing as luck (exit code 3)',
    ],
    ['pre-link', 'The conda package pre-link 1.0 wants to run a pre-link script'],
  ])('says what %s did', async (line, message) => {
    const base = await bed.pushBase('slim');
    await expect(bed.build(base, { conda: [line] }, { env })).rejects.toThrow(message);
  });
});

const manual = join(import.meta.dirname, '../../docs/conda.md');

const quietly = { user: '0', variables: { PYTHONDONTWRITEBYTECODE: '1', HOME: '/tmp' } };

interface PlainRecord {
  readonly name: string;
  readonly version: string;
  readonly files: readonly string[];
}

function recordsOf({ root }: Container): Readonly<Record<string, PlainRecord>> {
  const directory = join(root, 'opt/conda/conda-meta');
  const records = listed(directory, '').filter((name) => name.endsWith('.json'));
  const read = (name: string) => JSON.parse(readFileSync(join(directory, name), 'utf8')) as PlainRecord;
  return Object.fromEntries(records.map(read).map((record) => [record.name, record]));
}

const exists = (path: string) => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

const listed = (directory: string, start: string) => readdirSync(directory).filter((name) => name.startsWith(start));
