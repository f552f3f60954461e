import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Lock, LockedConda } from '../../src/lock/lock.ts';
import type { BaseName } from '../bases/recipes.ts';
import type { Container } from '../buildah.ts';
import { type Built, type ComparisonBed, openComparisonBed } from '../comparison-bed.ts';
import {
  askOracle,
  type CondaChannel,
  readPrefixRecords,
  type SeenRecord,
  startCondaChannel,
} from '../conda-channel.ts';
import { differencesOf, readTree } from '../tree-comparison.ts';

/** One set of packages in an environment of its own. */
interface Case {
  readonly base: BaseName;
  readonly title: string;
  readonly prefix: string;
  readonly specs: readonly string[];
  /** Shell commands that have to succeed with the environment's programs in PATH. */
  readonly commands: readonly string[];
  /** What has to be told of the build. */
  readonly notices?: readonly string[];
}

const cases: readonly Case[] = [
  {
    base: 'slim',
    title: 'a Python of its own, numpy, noarch packages with programs',
    prefix: '/opt/conda',
    specs: ['python', 'numpy', 'rich', 'click', 'pip'],
    commands: [
      'python -c "import numpy, rich.table, click, ssl, sqlite3; assert numpy.arange(3).sum() == 3"',
      'pygmentize -V',
      'pip --version',
      'python3-config --prefix | grep -qx /opt/conda',
      'test "$(readlink -f $(command -v python))" = /opt/conda/bin/python3.13',
    ],
  },
  {
    base: 'slim',
    title: 'another prefix, shorter than what programs were built for',
    prefix: '/opt/env',
    specs: ['python', 'rich', 'binary-prefix', 'long-shebang'],
    commands: [
      "python -c \"import sys, sysconfig, rich; assert sys.prefix == sysconfig.get_config_var('prefix') == '/opt/env'\"",
      'grep -q "^root = /opt/env/share$" /opt/env/etc/prefixed.conf',
      'pygmentize -V',
    ],
  },
  {
    base: 'debian12',
    title: 'links of all kinds, the older format, packages that bring the same file',
    prefix: '/opt/conda',
    specs: ['links', 'older-format', 'clobber-second', 'clobber-third', 'menu', 'activates'],
    commands: [
      'test -L /opt/conda/share/link-to-directory && grep -q library /opt/conda/lib/liblinked.so',
      'test /opt/conda/libexec/one -ef /opt/conda/libexec/two',
    ],
    notices: [
      'The conda packages clobber-second and clobber-third bring the same files; those of clobber-second are kept: share/clobbered.txt.',
      'The conda packages clobber-second and clobber-first bring the same files; those of clobber-second are kept: share/clobbered.txt.',
      'The conda package activates has a script for activation, which nothing in the image runs; where a program misses a variable, set it in the container.',
      'The conda package menu has shortcuts for a desktop, of which none is made in an image.',
    ],
  },
];

let bed: ComparisonBed;
let channel: CondaChannel;

beforeAll(async () => {
  channel = await startCondaChannel();
  bed = await openComparisonBed();
});
afterAll(async () => {
  for (const each of [bed, channel]) await each?.[Symbol.asyncDispose]();
});

describe.each(cases)('$base: $title', ({ base, prefix, specs, commands, notices = [] }) => {
  let ours: Container;
  let theirs: Container;
  let packages: readonly LockedConda[];
  let lock: Lock;
  let told: readonly string[];

  beforeAll(async () => {
    const reference = await bed.pushBase(base);
    theirs = await bed.buildah.from(reference);
    const cacheDir = await mkdtemp(join(tmpdir(), 'rattler-'));
    packages = await askOracle({
      channels: [channel.url],
      specs,
      virtual: [
        ['__glibc', '2.36'],
        ['__linux', '6.1'],
        ['__unix', '0'],
      ],
      installTo: join(theirs.root, prefix),
      prefix,
      cacheDir,
    });
    await rm(cacheDir, { recursive: true });
    const built = await build(reference);
    lock = built.lock;
    told = eventsOf(built).flatMap((event) => (event.type === 'notice' ? event.message : []));
    ours = await bed.buildah.from(built.image);
  });

  async function build(reference: string): Promise<Built> {
    const options = { env: { CONDA_CHANNELS: channel.url } };
    const solved = await bed.build(reference, { conda: specs }, options);
    if (prefix === solved.lock.conda!.path) return solved;
    const fromLock = { ...solved.lock, conda: { ...solved.lock.conda!, path: prefix } };
    return bed.build(reference, { conda: specs }, { ...options, fromLock });
  }

  afterAll(async () => {
    await ours?.[Symbol.asyncDispose]();
    await theirs?.[Symbol.asyncDispose]();
  });

  it('locks what rattler solves', () => {
    const told = (each: Pick<LockedConda, 'name' | 'version' | 'build' | 'sha256' | 'depends' | 'constrains'>) => {
      const { name, version, build: its, sha256, depends, constrains } = each;
      return { name, version, its, sha256, depends, constrains };
    };
    const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
    const ourPackages = lock.packages.filter((each): each is LockedConda => each.ecosystem === 'conda');
    expect(ourPackages.map(told).sort(byName)).toEqual(packages.map(told).sort(byName));
  });

  it('shows the tree that rattler leaves', () => {
    const [expected, actual] = [readTree(theirs.root), readTree(ours.root)];
    const differences = differencesOf(expected, actual);
    console.info(`${base}: ${specs.join(' ')} | ${expected.size} paths | ${differences.length} differences`);
    expect(differences.slice(0, 40)).toEqual([]);
  });

  it('has records that rattler reads, and that say the same', async () => {
    const [expected, actual] = [
      await readPrefixRecords(join(theirs.root, prefix)),
      await readPrefixRecords(join(ours.root, prefix)),
    ];
    expect(Object.keys(actual)).toEqual(packages.map(({ name }) => name).sort());
    expect(mapValues(actual, asConda)).toEqual(mapValues(expected, asConda));
  });

  it('tells of what somebody should know', () => {
    expect([...told].sort()).toEqual([...notices].sort());
  });

  it('runs', async () => {
    const options = {
      user: '0',
      variables: { PATH: `${prefix}/bin:/usr/bin:/bin`, PYTHONDONTWRITEBYTECODE: '1', HOME: '/tmp' },
    };
    for (const command of commands) await ours.shell(command, options);
  });
});

/** A record of rattler's in conda's way: a hash of what was not changed is told again, and what lost against another package stays named. */
function asConda(record: SeenRecord): SeenRecord {
  const ownPath = (path: string) => path.replace(/^__clobbers__\/[^/]+\//, '');
  const paths = record.paths.map(([path, type, noLink, sha256, inPrefix, sizeBytes]) => {
    // Of a script that was made only the names are the same: its text is conda's.
    if (type === 'unix_python_entry_point') return [ownPath(path), type, noLink, '', '', 0] as const;
    return [ownPath(path), type, noLink, sha256, inPrefix ?? sha256, sizeBytes] as const;
  });
  return { ...record, files: record.files.map(ownPath).sort(), paths: [...paths].sort() };
}

const mapValues = <T>(values: Readonly<Record<string, T>>, change: (value: T) => T) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]));

function eventsOf({ output }: Built): readonly { readonly type: string; readonly message: string }[] {
  return output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}
