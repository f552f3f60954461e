import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isSdist, type Lock } from '../../src/lock/lock.ts';
import { isTrace } from '../../src/sandbox/traces.ts';
import { makeBase } from '../bases/make-base.ts';
import { pushLayout } from '../bases/push-layout.ts';
import type { BaseName } from '../bases/recipes.ts';
import { type Buildah, type Container, openBuildah } from '../buildah.ts';
import { asRoot, type ContainerPip, openContainerPip } from '../container-pip.ts';
import { type DockerRegistry, startDockerRegistry } from '../docker-registry.ts';
import { runImagewright } from '../imagewright.ts';
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
    title: 'C, with headers and a compiler of the apt lines',
    apt: ['libpq-dev', 'gcc', 'libc6-dev', 'python3-dev'],
    pip: ['psycopg2'],
    commands: ['python3 -c "import psycopg2; print(psycopg2.__libpq_version__)"'],
    built: ['psycopg2'],
    uninstall: 'psycopg2',
  },
];

/** A compiler writes the directory in which it worked into what it makes, and pip's is another one each time. */
const compiled: TreeRule = {
  where: '`*.so` of what was built',
  difference: 'the name of the directory in which it was built',
  reason: 'see above',
  normalises(path, content) {
    if (/\/psycopg2\/[^/]+\.so$/.test(path)) return Buffer.alloc(0);
    if (!/\/psycopg2-[^/]+\/RECORD$/.test(path)) return undefined;
    const record = treeRules.reduce((bytes, rule) => rule.normalises?.(path, bytes) ?? bytes, content);
    return Buffer.from(record.toString('utf8').replace(/(\.so),sha256=[^\n]*/g, '$1'));
  },
};

let registry: DockerRegistry;
let buildah: Buildah;
let pip: ContainerPip;
let directory: string;

beforeAll(async () => {
  registry = await startDockerRegistry();
  buildah = await openBuildah();
  pip = await openContainerPip();
  directory = await mkdtemp(join(tmpdir(), 'imagewright-built-'));
});
afterAll(async () => {
  await buildah?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

describe.each(cases)('$base: $title', (each) => {
  let base: string;
  let ours: Container;
  let theirs: Container;
  let built: Built;

  beforeAll(async () => {
    base = await pushLayout(await makeBase(each.base), `${registry.host}/base/${each.base}:latest`);
    built = await build(base, each, 'data');
    ours = await buildah.from(built.image);
    // What apt leaves is compared elsewhere: both stand on the same.
    theirs = await buildah.from(each.apt.length === 0 ? base : (await build(base, { ...each, pip: [] }, 'data')).image);
    const pins = built.lock.packages.filter(({ ecosystem }) => ecosystem === 'pip');
    const constraints = pins.map(({ name, version }) => `${name}==${version}`);
    await pip.install(theirs, each.pip, constraints);
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
    const more = await build(base, { ...each, pip: [...each.pip, 'six'] }, 'data');
    expect(more.output).not.toContain('"output"');
    if (each.apt.length > 0) return;
    const lockFile = join(directory, 'first.json');
    await writeFile(lockFile, JSON.stringify(built.lock));
    const elsewhere = await build(base, each, 'elsewhere', ['--from-lock', lockFile]);
    expect(elsewhere.output).toContain('"output"');
    expect(elsewhere.image.split('@')[1]).toBe(built.image.split('@')[1]);
  });

  it('can be removed by pip', async () => {
    await pip.own(ours, 'uninstall', '--yes', '--quiet', '--break-system-packages', each.uninstall);
    const left = (await ours.shell(`find / -xdev -iname '${each.uninstall}*' -path '*-packages*'`, asRoot())).trim();
    expect(left).toBe('');
  });
});

/** Compiled modules that running Python has left are no part of what is compared, nor is what runs leave in places of their own. */
function treeOf(container: Container): Tree {
  const tree = readTree(container.root, [compiled, ...treeRules]);
  return new Map([...tree].filter(([path, { type }]) => !isTrace(path, type === 'other' ? 'fifo' : type)));
}

interface Built {
  readonly image: string;
  readonly lock: Lock;
  readonly output: string;
}

async function build(
  base: string,
  { apt, pip }: Pick<Case, 'apt' | 'pip'>,
  data: string,
  more: readonly string[] = [],
): Promise<Built> {
  const spec = join(directory, 'spec.yaml');
  const lockFile = join(directory, 'lock.json');
  await writeFile(spec, JSON.stringify({ name: 'compared', base, packages: { apt, pip } }));
  const options = ['--to', `${registry.host}/${data}/`, '--data', join(directory, data), '--lock-out', lockFile];
  const run = await runImagewright(['build', spec, ...options, '--json', ...more], { env: { REGISTRY_AUTH_FILE: '' } });
  expect(run.exitCode, run.stderr).toBe(0);
  const result = JSON.parse(run.stdout.trim().split('\n').at(-1)!) as { image: string };
  return {
    image: result.image.replace(/:[^:/@]+@/, '@'),
    lock: JSON.parse(await readFile(lockFile, 'utf8')) as Lock,
    output: run.stdout,
  };
}
