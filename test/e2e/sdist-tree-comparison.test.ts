import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isSdist } from '../../src/lock/lock.ts';
import type { BaseName } from '../bases/recipes.ts';
import type { Container } from '../buildah.ts';
import { type Built, type ComparisonBed, openComparisonBed, withoutTraces } from '../comparison-bed.ts';
import { asRoot, type ContainerPip, openContainerPip } from '../container-pip.ts';
import { makeRustSdist } from '../make-rust-sdist.ts';
import { type PackageIndex, startPackageIndex } from '../package-index.ts';
import { differencesOf, readTree, type Tree } from '../tree-comparison.ts';
import { type TreeRule, treeRules } from '../tree-rules.ts';

interface Case {
  readonly base: BaseName;
  readonly title: string;
  readonly apt: readonly string[];
  readonly pip: readonly string[];
  /** Shell commands that have to succeed in the image. */
  readonly commands: readonly string[];
  /** What comes as source. */
  readonly built: readonly string[];
  /** A package that pip then has to remove without a trace. */
  readonly uninstall: string;
}

const cases: readonly Case[] = [
  {
    base: 'docker-python',
    title: 'Python alone, needed by an extra',
    apt: [],
    // docopt, which num2words needs, has never had a wheel.
    pip: ['pandas[excel]>=2', 'num2words'],
    commands: ['python3 -c "import odf.opendocument, pandas, docopt"', 'num2words 42'],
    built: ['docopt', 'odfpy'],
    uninstall: 'odfpy',
  },
  {
    base: 'debian12',
    title: 'C and Rust, with headers and compilers of the apt lines',
    apt: ['libpq-dev', 'build-essential', 'python3-dev', 'cargo'],
    pip: ['psycopg2', 'netifaces', 'rusty'],
    commands: [
      'python3 -c "import netifaces, psycopg2; print(psycopg2.__libpq_version__, netifaces.interfaces())"',
      'python3 -c "import rusty; assert rusty.answer() == 42"',
    ],
    built: ['netifaces', 'psycopg2', 'rusty'],
    uninstall: 'psycopg2',
  },
];

/** A compiler writes the directory in which it worked into what it makes, and pip's is another one each time. */
const compiled: TreeRule = {
  where: '`*.so` of what was built',
  difference: 'the name of the directory in which it was built',
  reason: 'see above',
  normalises(path, content) {
    if (/\/(?:psycopg2\/|netifaces\.|rusty\/)[^/]+\.so$/.test(path)) return Buffer.alloc(0);
    if (!/\/(?:psycopg2|netifaces|rusty)-[^/]+\/RECORD$/.test(path)) return undefined;
    const record = treeRules.reduce((bytes, rule) => rule.normalises?.(path, bytes) ?? bytes, content);
    return Buffer.from(record.toString('utf8').replace(/(\.so),sha256=[^\n]*/g, '$1'));
  },
};

let bed: ComparisonBed;
let pip: ContainerPip;
let index: PackageIndex;

beforeAll(async () => {
  bed = await openComparisonBed();
  pip = await openContainerPip();
  index = await startPackageIndex([makeRustSdist()]);
});
afterAll(async () => {
  for (const each of [index, bed]) await each?.[Symbol.asyncDispose]();
});

describe.each(cases)('$base: $title', (each) => {
  let base: string;
  let ours: Container;
  let theirs: Container;
  let built: Built;

  beforeAll(async () => {
    base = await bed.pushBase(each.base);
    built = await bed.build(base, packagesOf(each));
    ours = await bed.buildah.from(built.image);
    // What apt leaves is compared elsewhere: both stand on the same.
    theirs = await bed.buildah.from(each.apt.length === 0 ? base : (await bed.build(base, { apt: each.apt })).image);
    const pins = built.lock.packages.filter(({ ecosystem }) => ecosystem === 'pip');
    const constraints = pins.map(({ name, version }) => `${name}==${version}`);
    await pip.install(theirs, linesOf(each), constraints);
    await ours.run(['true'], asRoot());
  });
  afterAll(async () => {
    await ours?.[Symbol.asyncDispose]();
    await theirs?.[Symbol.asyncDispose]();
  });

  it('shows the tree that pip leaves when it builds', async () => {
    expect(built.lock.packages.filter(isSdist).map(({ name }) => name)).toEqual(each.built);
    const differences = differencesOf(treeOf(theirs), treeOf(ours));
    expect(differences.slice(0, 40)).toEqual([]);
    for (const command of each.commands) await ours.shell(command, asRoot());
    await pip.own(ours, 'check');
  });

  it('is not built again for another list, and the same image comes of the same lock elsewhere', async () => {
    const more = await bed.build(base, { apt: each.apt, pip: [...linesOf(each), 'six'] });
    expect(more.output).not.toContain('"output"');
    if (each.apt.length > 0) return;
    const lockFile = join(bed.directory, 'first.json');
    await writeFile(lockFile, JSON.stringify(built.lock));
    const elsewhere = await bed.build(base, packagesOf(each), { data: 'elsewhere', words: ['--from-lock', lockFile] });
    expect(elsewhere.output).toContain('"output"');
    expect(elsewhere.image.split('@')[1]).toBe(built.image.split('@')[1]);
  });

  it('can be removed by pip', async () => {
    await pip.own(ours, 'uninstall', '--yes', '--quiet', '--break-system-packages', each.uninstall);
    const left = (await ours.shell(`find / -xdev -iname '${each.uninstall}*' -path '*-packages*'`, asRoot())).trim();
    expect(left).toBe('');
  });
});

describe('a source in Rust', () => {
  it('is told to need the compiler where no apt line brings it', async () => {
    const base = await bed.pushBase('debian12');
    await expect(bed.build(base, { pip: [lineOf('rusty')] })).rejects.toThrow(
      'rusty 1.0 cannot be built: it needs the Rust compiler (cargo)\nhint: Add the apt packages cargo and build-essential.',
    );
  });
});

/** What we made is had from where we serve it; all else is real. */
const lineOf = (line: string) => (line === 'rusty' ? `rusty @ ${index.fileUrl('rusty-1.0.tar.gz')}` : line);
const linesOf = ({ pip }: Case) => pip.map(lineOf);
const packagesOf = (each: Case) => ({ apt: each.apt, pip: linesOf(each) });

function treeOf(container: Container): Tree {
  return withoutTraces(readTree(container.root, [compiled, ...treeRules]));
}
