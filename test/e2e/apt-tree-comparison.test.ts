import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LockedDeb } from '../../src/lock/lock.ts';
import type { BaseName } from '../bases/recipes.ts';
import type { Container } from '../buildah.ts';
import { type Built, type ComparisonBed, openComparisonBed, withoutTraces } from '../comparison-bed.ts';
import { hostNetwork } from '../host-network.ts';
import { differencesOf, readTree, type Tree } from '../tree-comparison.ts';

interface Case {
  readonly base: BaseName;
  readonly title: string;
  readonly apt: readonly string[];
  readonly pip?: readonly string[];
  /** Shell commands that have to succeed in the image. */
  readonly commands: readonly string[];
}

const cases: readonly Case[] = [
  {
    base: 'debian11',
    title: 'an apt and a Python of years ago',
    apt: ['jq'],
    pip: ['httpx'],
    commands: ['jq --version', 'python3 -c "import httpx, sys; assert sys.version_info[:2] == (3, 9)"'],
  },
  {
    base: 'debian12',
    title: 'tools and a compiler, with pip lines above them',
    apt: ['jq', 'git', 'build-essential', 'python3-dev'],
    pip: ['httpx'],
    commands: [
      'jq --version',
      'git --version',
      'python3 -c "import httpx"',
      `echo '#include <Python.h>' > /tmp/x.c && cc $(python3-config --cflags) -c -o /tmp/x.o /tmp/x.c`,
    ],
  },
  {
    base: 'slim',
    title: 'a Python that pip lines are then for',
    apt: ['python3', 'python3-requests'],
    pip: ['requests>=2', 'httpx'],
    commands: ['python3 -c "import requests, httpx; assert \'/usr/lib/\' in requests.__file__"'],
  },
  {
    base: 'debian13',
    title: 'a set-group-id program, a user of its own, and many libraries',
    apt: ['openssh-client', 'redis-server', 'libgl1', 'ffmpeg'],
    commands: [
      'ssh -V',
      'redis-server --version',
      'id redis',
      'ldconfig -p | grep -q libGL.so.1',
      'ffmpeg -v error -f lavfi -i testsrc=duration=1 -f null -',
    ],
  },
];

const asRoot = { user: '0', ...hostNetwork() };
let bed: ComparisonBed;

beforeAll(async () => {
  bed = await openComparisonBed();
});
afterAll(() => bed?.[Symbol.asyncDispose]());

describe.each(cases)('$base: $title', (each) => {
  let base: string;
  let ours: Container;
  let theirs: Container;
  let built: Built;

  beforeAll(async () => {
    base = await bed.pushBase(each.base);
    built = await bed.build(base, { apt: each.apt });
    ours = await bed.buildah.from(built.image);
    theirs = await bed.buildah.from(base);
    const debs = built.lock.packages.filter((locked): locked is LockedDeb => locked.ecosystem === 'apt');
    const pins = debs
      .filter(({ requestedBy }) => requestedBy.length > 0)
      .map(({ name, version }) => `${name}=${version}`);
    await theirs.shell('apt-get update -qq', asRoot);
    const install = ['apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...pins];
    await theirs.run(install, { ...asRoot, variables: { ...asRoot.variables, DEBIAN_FRONTEND: 'noninteractive' } });
    await ours.run(['true'], asRoot);
  });
  afterAll(async () => {
    await ours?.[Symbol.asyncDispose]();
    await theirs?.[Symbol.asyncDispose]();
  });

  it('shows the tree that apt-get leaves', () => {
    const differences = differencesOf(treeOf(theirs), treeOf(ours));
    expect(differences.slice(0, 40)).toEqual([]);
  });

  it('satisfies dpkg, and apt goes on from there', async () => {
    expect(await ours.shell('dpkg --audit; dpkg --verify; apt-get check -qq', asRoot)).toBe('');
    const manual = async (container: Container) => container.run(['apt-mark', 'showmanual'], asRoot);
    expect(await manual(ours)).toBe(await manual(theirs));
    await ours.shell(
      'apt-get update -qq && apt-get install -y -qq --no-install-recommends tree && tree --version',
      asRoot,
    );
  });

  it('makes the same image elsewhere, and does not run apt again for other pip lines', async () => {
    const pip = each.pip ?? [];
    const here = await bed.build(base, { apt: each.apt, pip });
    expect(here.output).not.toContain('Setting up');
    if (pip.length > 0) expect(here.output).toContain('{"type":"layer","layer":0,"state":"cached"}');
    if (each.base === 'slim') {
      const elsewhere = await bed.build(base, { apt: each.apt, pip }, { data: `other-${each.base}` });
      expect(here.image.split('@')[1]).toBe(elsewhere.image.split('@')[1]);
    }
    await using container = await bed.buildah.from(here.image);
    for (const command of each.commands) await container.shell(command, { user: '0' });
  });
});

/** Files that hold the day are not compared, nor is the order of paragraphs that apt writes. */
function treeOf(container: Container): Tree {
  const shown = [...withoutTraces(readTree(container.root))].filter(
    ([path]) => path !== '/etc/shadow' && path !== '/var/lib/apt/extended_states',
  );
  return new Map(shown.map(([path, entry]) => [path, { ...entry, ...(entry.names && { names: [] }) }]));
}
