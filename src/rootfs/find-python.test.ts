import { describe, expect, test } from 'vitest';
import type { ImageConfig } from '../oci/image-config.ts';
import { createRootfs } from './create-rootfs.ts';
import { findPython } from './find-python.ts';
import { type FixtureEntry, layerOf } from './layer.fixture.ts';

type Paths = Readonly<Record<string, FixtureEntry>>;

function configOf(env: readonly string[] = []): ImageConfig {
  return { os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: [] }, config: { Env: env } };
}

const find = (paths: Paths, ...env: string[]) => findPython(createRootfs([layerOf(paths)]), configOf(env));

const elf = (versions = '-') => ({ program: `elf /lib64/ld-linux-x86-64.so.2 ${versions}` });
const glibc: Paths = {
  '/lib64': { link: 'usr/lib64' },
  '/usr/lib64/ld-linux-x86-64.so.2': { link: '/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2' },
  '/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2': 'loader',
  '/usr/lib/x86_64-linux-gnu/libc.so.6': 'glibc 2.36',
};
const debian: Paths = {
  ...glibc,
  '/etc/os-release': { link: '../usr/lib/os-release' },
  '/usr/lib/os-release': 'PRETTY_NAME="Debian"\nID=debian\n',
};
const debianPython: Paths = {
  ...debian,
  '/usr/bin/python3': { link: 'python3.11' },
  '/usr/bin/python3.11': elf('3.2.0,3.11.2'),
  '/usr/lib/python3.11/os.py': '',
  '/usr/lib/python3.11/EXTERNALLY-MANAGED': '[externally-managed]\n',
  '/usr/lib/python3/dist-packages/wheel-0.38.4.egg-info': 'Name: wheel\nVersion: 0.38.4\n',
};
const localPython: Paths = {
  ...debian,
  '/usr/local/bin/python3': { link: 'python3.12' },
  '/usr/local/bin/python3.12': elf(),
  '/usr/local/lib/python3.12/os.py': '',
};
const distribution = (directory: string, name: string, version: string, files: Paths = {}): Paths => {
  const info = `${directory}/${name}-${version}.dist-info`;
  return {
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`,
    ...Object.fromEntries(Object.entries(files).map(([path, content]) => [`${info}/${path}`, content])),
  };
};

describe('the Python of', () => {
  test("Debian: /usr/local/…/dist-packages, dpkg's own behind it", () => {
    expect(find(debianPython)).toEqual({
      executable: '/usr/bin/python3',
      version: '3.11.2',
      implementation: 'cpython',
      freeThreaded: false,
      kind: 'debian',
      scheme: {
        purelib: '/usr/local/lib/python3.11/dist-packages',
        platlib: '/usr/local/lib/python3.11/dist-packages',
        scripts: '/usr/local/bin',
        headers: '/usr/include/python3.11',
        data: '/usr/local',
      },
      searchPath: ['/usr/local/lib/python3.11/dist-packages', '/usr/lib/python3/dist-packages'],
      libc: { family: 'glibc', version: '2.36' },
      architecture: 'amd64',
      externallyManaged: true,
      installed: [
        {
          name: 'wheel',
          version: '0.38.4',
          metadataPath: '/usr/lib/python3/dist-packages/wheel-0.38.4.egg-info',
          location: '/usr/lib/python3/dist-packages',
          owner: 'system',
          requires: [],
        },
      ],
    });
  });

  test('an image with its own in /usr/local is as upstream, though the system is Debian', () => {
    const python = find({ ...debianPython, ...localPython });
    expect(python).toMatchObject({ executable: '/usr/local/bin/python3', kind: 'prefix', externallyManaged: false });
    expect(python.scheme).toEqual({
      purelib: '/usr/local/lib/python3.12/site-packages',
      platlib: '/usr/local/lib/python3.12/site-packages',
      scripts: '/usr/local/bin',
      headers: '/usr/local/include/python3.12',
      data: '/usr/local',
    });
  });

  test('Fedora: /usr/local, lib64 for what is compiled', () => {
    const python = find({
      '/etc/os-release': 'NAME="Example Linux"\nID="example"\nID_LIKE="rhel fedora"\n',
      '/usr/bin/python3': { link: './python3.12' },
      '/usr/bin/python3.12': elf(),
      '/lib64': { link: 'usr/lib64' },
      '/usr/lib64/ld-linux-x86-64.so.2': 'loader',
      '/usr/lib64/libc.so.6': 'glibc 2.39',
      '/usr/lib64/python3.12/os.py': '',
      '/usr/lib64/libpython3.12.so.1.0': 'elf - 3.12.5',
      ...distribution('/usr/lib/python3.12/site-packages', 'rpm_owned', '1', { INSTALLER: 'rpm\n' }),
    });
    expect(python).toMatchObject({
      version: '3.12.5',
      kind: 'prefix',
      libc: { version: '2.39' },
      scheme: {
        purelib: '/usr/local/lib/python3.12/site-packages',
        platlib: '/usr/local/lib64/python3.12/site-packages',
        scripts: '/usr/local/bin',
      },
      searchPath: [
        '/usr/local/lib64/python3.12/site-packages',
        '/usr/local/lib/python3.12/site-packages',
        '/usr/lib/python3.12/site-packages',
      ],
    });
    expect(python.installed).toMatchObject([{ name: 'rpm-owned', owner: 'system' }]);
  });

  test('Alpine: musl, and apk and pip side by side', () => {
    const site = '/usr/lib/python3.12/site-packages';
    const python = find({
      '/etc/os-release': 'ID=alpine\n',
      '/usr/bin/python3': { link: 'python3.12' },
      '/usr/bin/python3.12': { program: 'elf /lib/ld-musl-x86_64.so.1 -' },
      '/lib/ld-musl-x86_64.so.1': 'musl 1.2.4',
      '/lib/apk/db/installed': `P:py3-a\nF:usr\nF:${site.slice(1)}/a-1.dist-info\nR:METADATA\n`,
      '/usr/lib/python3.12/os.py': '',
      ...distribution(site, 'a', '1', { RECORD: 'a.py,,\n', INSTALLER: 'pip' }),
      ...distribution(site, 'b', '1', { RECORD: 'b.py,,\n', INSTALLER: 'pip' }),
      ...distribution(site, 'c', '1', { RECORD: 'c.py,,\n', INSTALLER: 'gpep517' }),
    });
    expect(python).toMatchObject({ kind: 'prefix', libc: { family: 'musl', version: '1.2.4' }, version: '3.12' });
    expect(python.installed.map(({ name, owner }) => [name, owner])).toEqual([
      ['a', 'system'],
      ['b', 'pip'],
      ['c', 'system'],
    ]);
  });

  test('conda, with what conda and what pip put there', () => {
    const site = '/opt/conda/lib/python3.11/site-packages';
    const python = find(
      {
        ...debianPython,
        '/opt/conda/bin/python3': { link: 'python3.11' },
        '/opt/conda/bin/python3.11': elf(),
        '/opt/conda/lib/python3.11/os.py': '',
        '/opt/conda/conda-meta/history': '',
        '/opt/conda/conda-meta/python-3.11.9-h955ad1f_0.json': '{}',
        '/opt/conda/conda-meta/py_dot-2.0-py311_0.json':
          '{"files":["lib/python3.11/site-packages/Py.Dot-2.0-py3.11.egg-info"]}',
        '/opt/conda/conda-meta/mine-1.0-0.json': 'not json',
        ...distribution(site, 'numpy', '2.0', { INSTALLER: 'conda\n' }),
        ...distribution(site, 'mine', '1.0', { INSTALLER: 'pip\n', RECORD: 'mine.py,,\n' }),
        [`${site}/Py.Dot-2.0-py3.11.egg-info`]: 'Name: Py.Dot\nVersion: 2.0\n',
      },
      'PATH=/opt/conda/bin:/usr/bin',
    );
    expect(python).toMatchObject({ kind: 'conda', version: '3.11.9', scheme: { purelib: site, data: '/opt/conda' } });
    expect(python.installed.map(({ name, owner }) => [name, owner])).toEqual([
      ['py-dot', 'conda'],
      ['mine', 'pip'],
      ['numpy', 'conda'],
    ]);
  });

  const venv = (systemSite: boolean): Paths => ({
    ...debianPython,
    '/opt/venv/pyvenv.cfg': `home = /usr/bin\ninclude-system-site-packages = ${systemSite}\nversion = 3.11.1\n`,
    '/opt/venv/bin/python3': { link: 'python' },
    '/opt/venv/bin/python': { link: '/usr/bin/python3' },
    '/opt/current': { link: 'venv' },
    ...distribution('/opt/venv/lib/python3.11/site-packages', 'idna', '3', { RECORD: 'idna/a.py,,\n' }),
  });

  test('a virtual environment stands apart', () => {
    const python = find(venv(false), 'PATH=/opt/current/bin/:/usr/bin');
    expect(python).toMatchObject({
      executable: '/opt/current/bin/python3',
      version: '3.11.2',
      kind: 'venv',
      externallyManaged: false,
      scheme: {
        purelib: '/opt/current/lib/python3.11/site-packages',
        scripts: '/opt/current/bin',
        headers: '/opt/current/include/site/python3.11',
        data: '/opt/current',
      },
      searchPath: ['/opt/current/lib/python3.11/site-packages'],
    });
    expect(python.installed).toMatchObject([
      { name: 'idna', owner: 'pip', files: ['/opt/venv/lib/python3.11/site-packages/idna/a.py'] },
    ]);
  });

  test("a virtual environment may see its base's, which stay the base's", () => {
    const python = find(venv(true), 'PATH=/opt/venv/bin:/usr/bin');
    expect(python.searchPath).toEqual(['/opt/venv/lib/python3.11/site-packages', '/usr/lib/python3/dist-packages']);
    expect(python.installed.map(({ name, owner }) => [name, owner])).toEqual([
      ['idna', 'pip'],
      ['wheel', 'system'],
    ]);
  });

  test('a free-threaded build has directories of its own', () => {
    const python = find({
      ...glibc,
      '/usr/local/bin/python3': { link: 'python3.14t' },
      '/usr/local/bin/python3.14t': elf('3.14.0rc1'),
      '/usr/local/lib/python3.14t/os.py': '',
    });
    expect(python).toMatchObject({
      version: '3.14.0rc1',
      freeThreaded: true,
      scheme: { purelib: '/usr/local/lib/python3.14t/site-packages', headers: '/usr/local/include/python3.14t' },
    });
  });
});

describe('the interpreter', () => {
  test('is not a shim, not Python 2, not what cannot be run, not what leads nowhere', () => {
    const python = find(
      {
        ...debianPython,
        '/a/python3': { program: 'script' },
        '/b/python': { link: 'python2.7' },
        '/b/python2.7': elf(),
        '/c/python3': 'elf - -',
        '/d/python3': { link: 'python3' },
        '/e/python3': 'directory',
      },
      'PATH=/a:/b:/c:/d:/e:relative::/usr/bin',
    );
    expect(python.executable).toBe('/usr/bin/python3');
  });

  test('may be called python alone', () => {
    const paths = {
      ...localPython,
      '/usr/local/bin/python3': { link: 'gone' },
      '/usr/local/bin/python': { link: 'python3.12' },
    };
    expect(find(paths).executable).toBe('/usr/local/bin/python');
  });

  test('is missing: told with where it was looked for', () => {
    expect(() => find({ ...debian, '/shims/python3': { program: 'script' } }, 'PATH=/shims:/usr/bin')).toThrow(
      expect.objectContaining({
        code: 'python-not-found',
        hint: expect.stringMatching(/Looked in \/shims, \/usr\/bin; not a Python 3 interpreter: \/shims\/python3\./),
      }),
    );
  });

  test.each<[string, Paths]>([
    ['PyPy', { '/usr/bin/python3': { link: 'pypy3.10' }, '/usr/bin/pypy3.10': elf() }],
    [
      'too old',
      { '/usr/bin/python3': { link: 'python3.6' }, '/usr/bin/python3.6': elf(), '/usr/lib/python3.6/os.py': '' },
    ],
    [
      'without a known C library',
      { '/usr/bin/python3.11': elf(), '/usr/bin/python3': { link: 'python3.11' }, '/usr/lib/python3.11/os.py': '' },
    ],
  ])('is refused when it is %s', (_what, paths) => {
    expect(() => find(paths)).toThrow(expect.objectContaining({ code: 'base-unsupported' }));
  });

  test('is refused when the image is for another system', () => {
    const config = { ...configOf(), os: 'windows' };
    expect(() => findPython(createRootfs([layerOf(debianPython)]), config)).toThrow(
      expect.objectContaining({ code: 'base-unsupported' }),
    );
  });
});

describe('the version', () => {
  const { '/usr/bin/python3.11': _, ...rest } = debianPython;
  const withExecutable = (versions: string, more: Paths = {}): Paths => ({
    ...rest,
    '/usr/bin/python3.11': elf(versions),
    ...more,
  });
  const status = (version: string) => ({
    '/var/lib/dpkg/status': `Package: python3\nVersion: 3.11.9-1\n\nPackage: libpython3.11-stdlib\nStatus: install ok installed\nVersion: ${version}\n\n`,
  });

  test.each<[string, Paths, string[], string]>([
    ['the executable', withExecutable('3.11.2', status('3.11.4-1')), [], '3.11.2'],
    ['not an executable that has two', withExecutable('3.11.2,3.11.3', status('3.11.4-1')), [], '3.11.4'],
    [
      'the headers',
      withExecutable('-', { '/usr/include/python3.11/patchlevel.h': '#define PY_VERSION      \t"3.11.5+"\n' }),
      [],
      '3.11.5',
    ],
    ['dpkg', withExecutable('-', status('3.11.2-6+deb12u6')), [], '3.11.2'],
    ['dpkg, a candidate', withExecutable('-', status('3.11.0~rc1-1')), [], '3.11.0rc1'],
    [
      'distroless dpkg',
      withExecutable('-', {
        '/var/lib/dpkg/status.d/libpython3.11-stdlib': 'Package: libpython3.11-stdlib\nVersion: 3.11.2-6\n',
      }),
      [],
      '3.11.2',
    ],
    ['the environment', withExecutable('-'), ['PYTHON_VERSION=3.11.7'], '3.11.7'],
    ['not an environment that means another', withExecutable('-'), ['PYTHON_VERSION=3.12.1'], '3.11'],
  ])('is that of %s', (_what, paths, env, version) => {
    expect(find(paths, ...env).version).toBe(version);
  });
});

describe('what is installed', () => {
  const site = '/usr/local/lib/python3.12/site-packages';

  test('has name, version, requirements and real files', () => {
    const [installed] = find({
      ...localPython,
      '/usr/local/man': { link: 'share/man' },
      [`${site}/Foo_Bar-1.dist-info/METADATA`]:
        'Metadata-Version: 2.1\r\nName: Foo.Bar\r\nVersion: 1.0\r\nRequires-Dist: a>=1;\r\n  python_version>"3"\r\nRequires-Dist: b\r\n\r\nRequires-Dist: not-me\r\n',
      [`${site}/Foo_Bar-1.dist-info/RECORD`]:
        'foo/a.py,sha256=x,1\n"foo/b,""c"".py",,\n../../../bin/foo,,\n../../../man/man1/foo.1,,\n/etc/foo,,\n',
    }).installed;
    expect(installed).toEqual({
      name: 'foo-bar',
      version: '1.0',
      metadataPath: `${site}/Foo_Bar-1.dist-info`,
      location: site,
      owner: 'pip',
      requires: ['a>=1; python_version>"3"', 'b'],
      files: [
        `${site}/foo/a.py`,
        `${site}/foo/b,"c".py`,
        '/usr/local/bin/foo',
        '/usr/local/share/man/man1/foo.1',
        '/etc/foo',
      ],
    });
  });

  test('has no files when its RECORD climbs out of the root, or is none', () => {
    const { installed } = find({
      ...localPython,
      ...distribution(site, 'evil', '1', { RECORD: `${'../'.repeat(9)}etc/passwd,,\n` }),
      ...distribution(site, 'none', '1'),
    });
    expect(installed.map(({ name, files }) => [name, files])).toEqual([
      ['evil', undefined],
      ['none', undefined],
    ]);
  });

  test('may be an egg, with requirements of its own kind', () => {
    const { installed } = find({
      ...localPython,
      [`${site}/old-1-py3.12.egg-info/PKG-INFO`]: 'Name: old\nVersion: 1\n',
      [`${site}/old-1-py3.12.egg-info/requires.txt`]:
        'a\n\n[:python_version < "3"]\nb>1\n\n[x:os_name == "nt"]\nc @ http://example.com/c\n[y]\nd\n',
      [`${site}/old-1-py3.12.egg-info/installed-files.txt`]: '../old.py\nPKG-INFO\n',
    });
    expect(installed).toMatchObject([
      {
        requires: [
          'a',
          'b>1; (python_version < "3")',
          'c @ http://example.com/c ; (os_name == "nt") and extra == "x"',
          'd; extra == "y"',
        ],
        files: [`${site}/old.py`, `${site}/old-1-py3.12.egg-info/PKG-INFO`],
      },
    ]);
  });

  test('is what Python would see first, PYTHONPATH and .pth files included', () => {
    const python = find(
      {
        ...localPython,
        ...distribution('/first', 'a', '1'),
        ...distribution(site, 'a', '2'),
        ...distribution(`${site}/more`, 'b', '1'),
        ...distribution(site, '~c', '1'),
        [`${site}/leftover-1.dist-info/RECORD`]: '',
        [`${site}/x.pth`]: '# comment\nimport os\nmore\ngone\n/first\n',
      },
      'PYTHONPATH=/first/::/nowhere:relative',
    );
    expect(python.searchPath).toEqual(['/first', site, `${site}/more`]);
    expect(python.installed.map(({ name, version }) => [name, version])).toEqual([
      ['a', '1'],
      ['b', '1'],
    ]);
  });
});
