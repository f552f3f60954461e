import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeWheel, makeZip, type WheelRecipe, wheelFilename } from '../../../test/package-index.ts';
import { openLayerSource, type WheelInput } from './wheel-layer.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'wheel-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const library = '/usr/lib/python3/purelib';
const python: WheelInput['python'] = {
  executable: '/usr/bin/python3',
  version: '3.11',
  scheme: {
    purelib: library,
    platlib: '/usr/lib64/python3/platlib',
    scripts: '/usr/local/bin',
    headers: '/usr/include/python3.11',
    data: '/usr/local',
  },
};

/** What a wheel puts into an image: mode and text by path. */
async function layDown(bytes: Uint8Array, input: Partial<WheelInput> = {}): Promise<Map<string, string>> {
  const file = join(directory, 'x.whl');
  writeFileSync(file, bytes);
  const expected = { name: 'demo', version: '1.0', filename: 'demo-1.0-py3-none-any.whl' };
  await using opened = await openLayerSource({
    file,
    sha256: 'ab',
    python,
    isRequested: false,
    contentFile: `${file}.files`,
    ...expected,
    ...input,
  });
  const found = new Map<string, string>();
  for await (const { path, mode, content } of opened.entries()) {
    const pieces: Uint8Array[] = [];
    if (content.type === 'bytes') pieces.push(content.bytes);
    else if (content.type === 'stream') for await (const piece of content.open()) pieces.push(piece);
    found.set(path, `${mode.toString(8)} ${Buffer.concat(pieces).toString()}`);
  }
  expect([...found.keys()]).toEqual(opened.paths.map(({ path }) => path));
  return found;
}

const demo = (recipe: Partial<WheelRecipe> = {}) => makeWheel({ name: 'demo', ...recipe });

const rowOf = (path: string, text: string) => {
  return `${path},sha256=${createHash('sha256').update(text).digest('base64url')},${Buffer.byteLength(text)}`;
};

/** A wheel of exactly these members, with a RECORD of them unless one is given. */
function handMade(members: Readonly<Record<string, string>>, record?: string): Buffer {
  const all: Record<string, string> = {
    'demo-1.0.dist-info/METADATA': 'Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n',
    'demo-1.0.dist-info/WHEEL': 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\n',
    ...members,
  };
  const rows = Object.entries(all).map(([path, text]) => rowOf(path, text));
  return makeZip({
    ...all,
    'demo-1.0.dist-info/RECORD': record ?? [...rows, 'demo-1.0.dist-info/RECORD,,'].join('\n'),
  });
}

describe('openLayerSource', () => {
  it('lays every part of a wheel where the scheme says, with the modes of pip', async () => {
    const found = await layDown(
      demo({
        files: {
          'demo/__init__.py': 'x',
          'demo/run.sh': 'r',
          'demo-1.0.data/purelib/pure.py': 'p',
          'demo-1.0.data/platlib/plat.so': 'q',
          'demo-1.0.data/headers/sub/demo.h': 'h',
          'demo-1.0.data/data/share/demo.txt': 'd',
          'demo-1.0.data/scripts/tool': '#!/bin/sh\n',
          'demo-1.0.data/scripts/script': '#!python\nprint()\n',
          'demo-1.0.data/scripts/window': '#!pythonw -E\nprint()\n',
        },
        modes: { 'demo/run.sh': 0o4755, 'demo-1.0.data/scripts/tool': 0o755 },
      }),
    );
    expect(Object.fromEntries([...found].filter(([path]) => !path.includes('dist-info')))).toEqual({
      [`${library}/demo/__init__.py`]: '644 x',
      [`${library}/demo/run.sh`]: '755 r',
      [`${library}/pure.py`]: '644 p',
      '/usr/lib64/python3/platlib/plat.so': '644 q',
      '/usr/include/python3.11/demo/sub/demo.h': '644 h',
      '/usr/local/share/demo.txt': '644 d',
      '/usr/local/bin/tool': '755 #!/bin/sh\n',
      '/usr/local/bin/script': '644 #!/usr/bin/python3\nprint()\n',
      '/usr/local/bin/window': '644 #!/usr/bin/python3\nprint()\n',
    });
  });

  it('writes RECORD as pip does: sorted, moved and changed files with their new names and hashes', async () => {
    const found = await layDown(
      demo({
        files: { 'demo/a.py': 'a', 'demo/Z.py': 'z', 'demo/o,"o.txt': 'q', 'demo-1.0.data/scripts/s': '#!python\n' },
        scripts: { demo: 'demo:main' },
      }),
      { isRequested: true },
    ).catch((error) => error);
    // The maker of test wheels does not quote a quotation mark: such a RECORD is malformed.
    expect(found).toMatchObject({ code: 'package-corrupt' });

    const laid = await layDown(
      demo({
        files: { 'demo/a.py': 'a', 'demo/Z.py': 'z', 'demo/o,o.txt': 'q', 'demo-1.0.data/scripts/s': '#!python\n' },
        scripts: { demo: 'demo:main' },
      }),
      { isRequested: true },
    );
    const distInfo = `${library}/demo-1.0.dist-info`;
    const text = (path: string) => laid.get(path)!.slice(4);
    const row = (path: string, at = `${library}/${path}`) => rowOf(path, text(at));
    expect(text(`${distInfo}/RECORD`)).toBe(
      [
        row('../../../local/bin/demo', '/usr/local/bin/demo'),
        rowOf('../../../local/bin/s', '#!/usr/bin/python3\n'),
        row('demo-1.0.dist-info/INSTALLER'),
        row('demo-1.0.dist-info/METADATA'),
        'demo-1.0.dist-info/RECORD,,',
        'demo-1.0.dist-info/REQUESTED,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0',
        row('demo-1.0.dist-info/WHEEL'),
        row('demo-1.0.dist-info/entry_points.txt'),
        row('demo/Z.py'),
        row('demo/a.py'),
        row('demo/o,o.txt').replace('demo/o,o.txt', '"demo/o,o.txt"'),
        '',
      ].join('\r\n'),
    );
    expect(laid.get(`${distInfo}/INSTALLER`)).toBe('644 imagewright\n');
  });

  it('goes by Root-Is-Purelib', async () => {
    const found = await layDown(demo({ purelib: false, files: { 'demo.py': '' } }));
    expect([...found.keys()]).toContain('/usr/lib64/python3/platlib/demo.py');
  });

  it('makes launchers byte by byte as pip 26 does, and leaves out the wrappers that they replace', async () => {
    const found = await layDown(
      demo({
        files: {
          'demo/__init__.py': '',
          'demo-1.0.data/scripts/demo': '#!python\nold',
          'demo-1.0.data/scripts/demo-script.py': 'old',
          'demo-1.0.data/scripts/demo.exe': 'MZ',
        },
        scripts: { demo: 'demo.cli:App.run [extra]' },
      }),
    );
    expect([...found].filter(([path]) => path.startsWith('/usr/local'))).toEqual([
      [
        '/usr/local/bin/demo',
        [
          '755 #!/usr/bin/python3',
          'import sys',
          'from demo.cli import App',
          "if __name__ == '__main__':",
          "    sys.argv[0] = sys.argv[0].removesuffix('.exe')",
          '    sys.exit(App.run())',
          '',
        ].join('\n'),
      ],
    ]);
  });

  it.each([
    ['/opt/a b/python', "#!/bin/sh\n'''exec' \"/opt/a b/python\" \"$0\" \"$@\"\n' '''\nimport sys"],
    [`/${'x'.repeat(124)}`, `#!/bin/sh\n'''exec' /${'x'.repeat(124)} "$0" "$@"\n' '''\nimport sys`],
    [`/${'x'.repeat(123)}`, `#!/${'x'.repeat(123)}\nimport sys`],
  ])('starts the interpreter %s', async (executable, start) => {
    const found = await layDown(demo({ scripts: { demo: 'demo:main' } }), { python: { ...python, executable } });
    expect(found.get('/usr/local/bin/demo')).toContain(`755 ${start}`);
  });

  it('names the scripts of pip after the Python of the image', async () => {
    const bytes = makeWheel({
      name: 'pip',
      scripts: { pip: 'pip:main', pip2: 'pip:main', 'pip3.4': 'pip:main', pipx: 'pip:x' },
    });
    const found = await layDown(bytes, { name: 'pip', filename: 'pip-1.0-py3-none-any.whl' });
    expect([...found.keys()].filter((path) => path.includes('/bin/'))).toEqual(
      ['pip', 'pip3', 'pip3.11', 'pipx'].map((name) => `/usr/local/bin/${name}`),
    );
  });

  it('writes direct_url.json for a requirement by URL only, and none that the wheel brings along', async () => {
    const members = { 'demo-1.0.dist-info/direct_url.json': 'old', 'demo-1.0.dist-info/REQUESTED': '', 'demo.py': '' };
    const plain = await layDown(handMade(members));
    expect([...plain.keys()].join()).not.toMatch(/direct_url|REQUESTED/);
    expect(plain.get(`${library}/demo-1.0.dist-info/RECORD`)).not.toMatch(/direct_url|REQUESTED/);
    const byUrl = await layDown(handMade(members), { directUrl: 'https://example.com/é/demo.whl' });
    expect(byUrl.get(`${library}/demo-1.0.dist-info/direct_url.json`)).toBe(
      '644 {"archive_info": {"hash": "sha256=ab", "hashes": {"sha256": "ab"}}, "url": "https://example.com/\\u00e9/demo.whl"}',
    );
  });

  it('streams large files, and finds their lies too', async () => {
    const big = 'x'.repeat(5_000_000);
    const found = await layDown(handMade({ 'demo/big': big, 'demo-1.0.data/scripts/big': big }));
    expect(found.get(`${library}/demo/big`)!.length).toBe(big.length + 4);
    const record = rowOf('demo/big', `${'x'.repeat(4_999_999)}y`);
    const rows = ['METADATA', 'WHEEL', 'RECORD'].map((name) => `demo-1.0.dist-info/${name},,`);
    await expect(layDown(handMade({ 'demo/big': big }, [record, ...rows].join('\n')))).rejects.toMatchObject({
      code: 'package-corrupt',
    });
  });

  const distInfo = 'demo-1.0.dist-info';
  const rows = (change: (row: string) => string) => {
    const members = ['METADATA', 'WHEEL'].map((name) => {
      const text =
        name === 'WHEEL'
          ? 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\n'
          : 'Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n';
      return rowOf(`${distInfo}/${name}`, text);
    });
    return [...members, change(rowOf('demo.py', 'code')), `${distInfo}/RECORD,,`]
      .filter((row) => row !== '')
      .join('\n');
  };
  const withRecord = (change: (row: string) => string) => handMade({ 'demo.py': 'code' }, rows(change));

  it('accepts sha512 and unsigned signatures, as the format allows', async () => {
    const better = `demo.py,sha512=${createHash('sha512').update('code').digest('base64url')},4`;
    expect((await layDown(withRecord(() => better))).get(`${library}/${distInfo}/RECORD`)).toContain(better);
    const signed = handMade(
      { 'demo.py': 'code', [`${distInfo}/RECORD.jws`]: '{}' },
      rows((row) => row),
    );
    expect((await layDown(signed)).get(`${library}/${distInfo}/RECORD`)).toContain(`${distInfo}/RECORD.jws,,\r\n`);
  });

  const lies: readonly (readonly [string, string, () => Uint8Array, Partial<WheelInput>?])[] = [
    ['a file that RECORD does not list', 'demo.py', () => withRecord(() => '')],
    ['a file with another hash', 'demo.py', () => withRecord(() => rowOf('demo.py', 'c0de'))],
    ['a file of another size', 'demo.py', () => withRecord((row) => row.replace(/4$/, '5'))],
    ['a file without hash', 'demo.py', () => withRecord(() => 'demo.py,,')],
    ['a file with a hash that proves nothing', 'md5', () => withRecord(() => 'demo.py,md5=1B2M2Y8AsgTpgAmY7PhCfg,4')],
    ['a RECORD that lists a file twice', 'twice', () => withRecord((row) => `${row}\n${row}`)],
    ['a RECORD that points out of the wheel', 'outside', () => withRecord((row) => `${row}\n../../etc/passwd,,`)],
    ['a malformed RECORD', 'malformed', () => withRecord((row) => `${row}\n"x`)],
    [
      'no RECORD',
      'RECORD',
      () =>
        makeZip({
          [`${distInfo}/METADATA`]: 'Name: demo\nVersion: 1.0\n',
          [`${distInfo}/WHEEL`]: 'Wheel-Version: 1.0\n',
        }),
    ],
    ['another project', 'other', () => makeWheel({ name: 'other' }), { filename: 'demo-1.0-py3-none-any.whl' }],
    ['another version in the archive', '2.0', () => makeWheel({ name: 'demo', version: '2.0' })],
    ['another version in METADATA', '1.1', () => handMade({ [`${distInfo}/METADATA`]: 'Name: demo\nVersion: 1.1\n' })],
    ['another file name', 'file name', () => demo(), { filename: 'other-1.0-py3-none-any.whl' }],
    ['two metadata directories', 'several', () => handMade({ 'x-1.dist-info/METADATA': '' })],
    ['no metadata directory', 'no .dist-info', () => makeZip({ a: '' })],
    ['a later version of the format', '2.0', () => handMade({ [`${distInfo}/WHEEL`]: 'Wheel-Version: 2.0\n' })],
    [
      'no version of the format',
      'format version',
      () => handMade({ [`${distInfo}/WHEEL`]: 'Root-Is-Purelib: true\n' }),
    ],
    ['an unknown part of the data directory', 'stdlib', () => handMade({ 'demo-1.0.data/stdlib/x': '' })],
    ['a file in no part of the data directory', 'no part', () => handMade({ 'demo-1.0.data/x': '' })],
    ['an entry point without function', 'no function', () => demo({ scripts: { demo: 'demo' } })],
    ['an entry point that is code', 'malformed', () => demo({ scripts: { demo: 'os:system("x")' } })],
    ['an entry point that leads elsewhere', 'script', () => demo({ scripts: { '../../etc/cron.d/x': 'a:b' } })],
    ['an entry point that replaces the interpreter', 'interpreter', () => demo({ scripts: { 'python3.11': 'a:b' } })],
    ['a script that replaces the interpreter', 'interpreter', () => handMade({ 'demo-1.0.data/scripts/python3': '' })],
    ['metadata that is no text', 'UTF-8', () => makeZip({ [`${distInfo}/WHEEL`]: Buffer.from([0xff]) })],
  ];
  it.each(lies.map(([what, says, make, input = {}]) => [what, says, make, input] as const))(
    'refuses %s, and says which wheel and why',
    async (_what, says, make, input) => {
      const refusal = layDown(make(), input);
      await expect(refusal).rejects.toMatchObject({ code: 'package-corrupt' });
      await expect(refusal).rejects.toThrow(says);
      await expect(refusal).rejects.toThrow(input.filename ?? wheelFilename({ name: 'demo' }));
    },
  );

  it('takes other spellings of the same name and version', async () => {
    const bytes = makeWheel({ name: 'Demo', version: '1.0.0' });
    await expect(layDown(bytes, { filename: 'DEMO-1.0.0-py3-none-any.whl' })).resolves.toBeDefined();
  });

  it('lays bytecode beside its modules, recorded as pip does, but none for scripts and for what is there compiled', async () => {
    const bytecodeFile = join(directory, 'bytecode.zip');
    const compiled = [
      'demo/__init__.py',
      'demo/old.py',
      'demo-1.0.data/platlib/native.py',
      'demo-1.0.data/scripts/run.py',
    ];
    writeFileSync(bytecodeFile, makeZip(Object.fromEntries(compiled.map((name) => [name, `compiled ${name}`]))));
    const wheel = demo({
      files: {
        'demo/__init__.py': 'x',
        'demo/broken.py': 'print 1',
        'demo/old.py': 'o',
        'demo/__pycache__/old.cpython-311.pyc': 'its own',
        'demo-1.0.data/platlib/native.py': 'n',
        'demo-1.0.data/scripts/run.py': 'r',
      },
    });
    const found = await layDown(wheel, { bytecodeFile });
    expect(Object.fromEntries([...found].filter(([path]) => path.endsWith('.pyc')))).toEqual({
      [`${library}/demo/__pycache__/__init__.cpython-311.pyc`]: '644 compiled demo/__init__.py',
      [`${library}/demo/__pycache__/old.cpython-311.pyc`]: '644 its own',
      '/usr/lib64/python3/platlib/__pycache__/native.cpython-311.pyc': '644 compiled demo-1.0.data/platlib/native.py',
    });
    const record = found.get(`${library}/demo-1.0.dist-info/RECORD`)!.split('\r\n');
    expect(record).toContain('demo/__pycache__/__init__.cpython-311.pyc,,');
    expect(record.filter((line) => line.includes('old.cpython'))).toHaveLength(1);
  });
});
