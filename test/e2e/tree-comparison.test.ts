import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Lock } from '../../src/lock/lock.ts';
import type { LayerCompression } from '../../src/oci/media-types.ts';
import { makeBase } from '../bases/make-base.ts';
import type { BaseName } from '../bases/recipes.ts';
import type { Container } from '../buildah.ts';
import { type ComparisonBed, openComparisonBed } from '../comparison-bed.ts';
import { asRoot, type ContainerPip, openContainerPip } from '../container-pip.ts';
import { runCommand } from '../run-command.ts';
import { differencesOf, readTree } from '../tree-comparison.ts';

/** One package set on one base. */
interface Case {
  readonly base: BaseName;
  readonly title: string;
  readonly pip: readonly string[];
  /** Modules that have to be importable afterwards. */
  readonly imports: readonly string[];
  /** Shell commands that have to succeed as the image's own user. */
  readonly commands?: readonly string[];
  /** A package that pip then has to remove without a trace. */
  readonly uninstall: string;
  /** The spec shadows a package of the distribution: its own pip knows what not to touch, one from elsewhere does not. */
  readonly withOwnPip?: true;
  /** Of the layers, when it is not the default. */
  readonly compression?: LayerCompression;
}

// `tomli` is old in every case, so that pip can bring it up to date afterwards.
const old = 'tomli==2.0.1';

const cases: readonly Case[] = [
  {
    base: 'debian12',
    title: 'compiled packages',
    pip: ['numpy', 'pandas', 'scikit-learn', old],
    imports: ['numpy', 'pandas', 'sklearn.linear_model', 'scipy.sparse'],
    commands: ['numpy-config --version', 'f2py -v'],
    uninstall: 'pandas',
    compression: 'gzip',
  },
  {
    base: 'debian13',
    title: 'namespace packages',
    pip: ['google-cloud-storage', 'zope.component', old],
    imports: ['google.cloud.storage', 'google.auth', 'zope.interface', 'zope.event'],
    uninstall: 'zope.event',
  },
  {
    base: 'docker-python',
    title: 'scripts and the stable ABI',
    pip: ['black', 'cryptography', 'httpx[cli,http2]', old],
    imports: ['black', 'cryptography.fernet', 'httpx', 'h2'],
    commands: ['black --version', 'printf "x=1\\n" | black -q -', 'httpx --help'],
    uninstall: 'black',
  },
  {
    base: 'aged',
    title: 'data files under unusual directories, packages of the base upgraded',
    pip: ['jupyterlab', 'requests>=2.32', 'urllib3>=2', 'click>=8.1', old],
    imports: ['jupyterlab', 'requests', 'urllib3', 'click'],
    commands: ['jupyter lab --version', 'jupyter --paths'],
    uninstall: 'requests',
  },
  {
    base: 'venv',
    title: 'a virtual environment, a user that is not root, an entry point',
    pip: ['flask', 'pyyaml', old],
    imports: ['flask', 'yaml'],
    commands: ['flask --version', 'test "$(id -u)" = 1000'],
    uninstall: 'flask',
  },
  {
    base: 'conda',
    title: 'a conda prefix',
    pip: ['pandas', 'rich', old],
    imports: ['pandas', 'rich.table'],
    commands: ['pygmentize -V'],
    uninstall: 'rich',
  },
  {
    base: 'debian12',
    title: "a distribution's package shadowed",
    pip: ['setuptools==75.8.0', old],
    imports: ['setuptools', 'pkg_resources'],
    uninstall: 'setuptools',
    withOwnPip: true,
  },
];

let bed: ComparisonBed;
let pip: ContainerPip;

beforeAll(async () => {
  bed = await openComparisonBed();
  pip = await openContainerPip();
});
afterAll(() => bed?.[Symbol.asyncDispose]());

describe.each(cases)('$base: $title', (each) => {
  let ours: Container;
  let theirs: Container;
  let lock: Lock;

  beforeAll(async () => {
    const base = await bed.pushBase(each.base);
    const words = ['--compression', each.compression ?? 'zstd'];
    const built = await bed.build(base, { pip: each.pip }, { words });
    lock = built.lock;
    ours = await bed.buildah.from(built.image);
    theirs = await bed.buildah.from(base);
    // buildah leaves mount points (/etc/hosts, …) behind where a command ran: on both sides, then.
    await ours.run(['true'], asRoot());
    const pins = lock.packages.map(({ name, version }) => `${name}==${version}`);
    if (each.withOwnPip) await pip.own(theirs, 'install', '--quiet', '--no-compile', ...each.pip);
    else await pip.install(theirs, each.pip, pins);
  });

  afterAll(async () => {
    await ours?.[Symbol.asyncDispose]();
    await theirs?.[Symbol.asyncDispose]();
  });

  it('shows the tree that pip leaves', () => {
    expectEqualTrees(`${each.base}: ${each.pip.join(' ')}`);
  });

  it('imports, and its scripts run', async () => {
    await ours.run(['python3', '-c', `import ${each.imports.join(', ')}`], quietly);
    for (const command of each.commands ?? []) await ours.shell(command, quietly);
  });

  it('is consistent in the eyes of pip, one version of each', async () => {
    await pip.own(ours, 'check');
    const listed = JSON.parse(await pip.own(ours, 'list', '--format', 'json')) as { name: string; version: string }[];
    const names = listed.map(({ name }) => normalise(name));
    expect(names).toEqual([...new Set(names)]);
    const versions = new Map(listed.map(({ name, version }) => [normalise(name), version]));
    for (const { name, version } of lock.packages) expect([name, versions.get(name)]).toEqual([name, version]);
    if (each.withOwnPip) return;
    const found = await ours.run(['python3', '-c', listDistributions], asRoot());
    expect(found.split('\n').filter((name, index, all) => all.indexOf(name) !== index)).toEqual([]);
  });

  it("keeps the base's configuration", async () => {
    const config = async ({ id }: Container) => {
      const { OCIv1 } = JSON.parse(await bed.buildah.call('inspect', id)) as {
        OCIv1: { config: Record<string, unknown> };
      };
      const { Env, User, Entrypoint, Cmd, WorkingDir } = OCIv1.config;
      return { Env, User, Entrypoint, Cmd, WorkingDir };
    };
    expect(await config(ours)).toEqual(await config(theirs));
  });

  it('lets pip uninstall and upgrade what we laid down', async () => {
    for (const container of [ours, theirs]) {
      await pip.own(container, 'uninstall', '-y', '-q', each.uninstall);
      await pip.own(container, 'install', '-q', '-U', '--no-compile', 'tomli');
    }
    expectEqualTrees(`${each.base}: after pip uninstall ${each.uninstall}, pip install -U tomli`);
    const listed = await pip.own(ours, 'list', '--format', 'freeze');
    expect(listed).not.toContain(old);
    expect(listed).toMatch(/^tomli==/m);
  });

  function expectEqualTrees(title: string): void {
    const [expected, actual] = [readTree(theirs.root), readTree(ours.root)];
    const differences = differencesOf(expected, actual);
    console.info(`${title} | ${expected.size} paths | ${differences.length} differences`);
    expect(differences.slice(0, 40)).toEqual([]);
  }
});

describe('the comparison itself', () => {
  it.each([
    ['a byte', 'printf x >> /usr/lib/os-release', ['/usr/lib/os-release: content']],
    ['a mode', 'chmod g+w /usr/bin/env', ['/usr/bin/env: mode 755 expected, 775 found']],
    ['an owner', 'chown 1:2 /etc/fstab', ['/etc/fstab: owner 0:0 expected, 1:2 found']],
    ['a file that went', 'rm /usr/bin/env', ['/usr/bin/env: missing (file)']],
    ['a file that came', 'touch /opt/new', ['/opt/new: not expected (file)']],
    [
      'a link of usrmerge that became a directory',
      'rm /sbin; mkdir /sbin',
      ['/sbin: type', '/sbin: mode', '/sbin: target'],
    ],
  ])('notices %s in a real base', async (_name, change, expected) => {
    const base = await makeBase('debian12');
    await using untouched = await bed.buildah.fromLayout(base);
    await using changed = await bed.buildah.fromLayout(base);
    await runCommand('chroot', [changed.root, '/bin/sh', '-euc', change]);
    const differences = differencesOf(readTree(untouched.root), readTree(changed.root));
    expect(differences.map((line, index) => line.slice(0, expected[index]?.length))).toEqual(expected);
  });
});

const quietly = { variables: { PYTHONDONTWRITEBYTECODE: '1', HOME: '/tmp' } };

const listDistributions = `
import importlib.metadata, re
for found in importlib.metadata.distributions():
    print(re.sub("[-_.]+", "-", found.metadata["Name"]).lower())`;

const normalise = (name: string) => name.toLowerCase().replace(/[-_.]+/g, '-');
