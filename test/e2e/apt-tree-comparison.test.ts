import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Lock, LockedDeb } from '../../src/lock/lock.ts';
import { isTrace } from '../../src/sandbox/traces.ts';
import { makeBase } from '../bases/make-base.ts';
import { pushLayout } from '../bases/push-layout.ts';
import type { BaseName } from '../bases/recipes.ts';
import { type Buildah, type Container, openBuildah } from '../buildah.ts';
import { type DockerRegistry, startDockerRegistry } from '../docker-registry.ts';
import { hostNetwork } from '../host-network.ts';
import { runImagewright } from '../imagewright.ts';
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
    base: 'debian12',
    title: 'tools, with pip lines above them',
    apt: ['jq', 'git'],
    pip: ['httpx'],
    commands: ['jq --version', 'git --version', 'python3 -c "import httpx"'],
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
    title: 'a set-group-id program and a user of its own',
    apt: ['openssh-client', 'redis-server'],
    commands: ['ssh -V', 'redis-server --version', 'id redis'],
  },
];

const asRoot = { user: '0', ...hostNetwork() };
let registry: DockerRegistry;
let buildah: Buildah;
let directory: string;

beforeAll(async () => {
  registry = await startDockerRegistry();
  buildah = await openBuildah();
  directory = await mkdtemp(join(tmpdir(), 'imagewright-apt-'));
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
    built = await build(base, { apt: each.apt, pip: [] }, 'data');
    ours = await buildah.from(built.image);
    theirs = await buildah.from(base);
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
    const differences = differencesOf(withoutTraces(readTree(theirs.root)), withoutTraces(readTree(ours.root)));
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
    const here = await build(base, { apt: each.apt, pip }, 'data');
    expect(here.output).not.toContain('Setting up');
    if (pip.length > 0) expect(here.output).toContain('{"type":"layer","layer":0,"state":"cached"}');
    if (each.base === 'slim') {
      const elsewhere = await build(base, { apt: each.apt, pip }, `other-${each.base}`);
      expect(here.image.split('@')[1]).toBe(elsewhere.image.split('@')[1]);
    }
    await using container = await buildah.from(here.image);
    for (const command of each.commands) await container.shell(command, { user: '0' });
  });
});

/** Lists, logs and caches are no part of what is compared, on either side; neither are files that hold the day. */
function withoutTraces(tree: Tree): Tree {
  const shown = [...tree].filter(
    ([path, { type }]) =>
      !isTrace(path, type === 'other' ? 'fifo' : type) &&
      !/^\/(?:var\/log|var\/cache\/(?:apt|fontconfig|man)|var\/lib\/apt\/lists)(?:\/|$)|^\/etc\/shadow$|^\/var\/lib\/apt\/extended_states$/.test(
        path,
      ),
  );
  return new Map(shown.map(([path, entry]) => [path, { ...entry, ...(entry.names && { names: [] }) }]));
}

interface Built {
  readonly image: string;
  readonly lock: Lock;
  /** What commands in the sandbox wrote. */
  readonly output: string;
}

async function build(
  base: string,
  packages: { readonly apt: readonly string[]; readonly pip: readonly string[] },
  data: string,
): Promise<Built> {
  const spec = join(directory, 'spec.yaml');
  const lockFile = join(directory, 'lock.json');
  await writeFile(spec, JSON.stringify({ name: 'compared', base, packages }));
  const options = [
    '--to',
    `${registry.host}/${data}/`,
    '--data',
    join(directory, data),
    '--lock-out',
    lockFile,
    '--json',
  ];
  const run = await runImagewright(['build', spec, ...options], { env: { REGISTRY_AUTH_FILE: '' } });
  expect(run.exitCode, run.stderr).toBe(0);
  const result = JSON.parse(run.stdout.trim().split('\n').at(-1)!) as { image: string };
  return {
    image: result.image.replace(/:[^:/@]+@/, '@'),
    lock: JSON.parse(await readFile(lockFile, 'utf8')) as Lock,
    output: run.stdout,
  };
}
