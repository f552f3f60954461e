import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeWheel, startPackageIndex, wheelFilename } from './package-index.ts';

const json = { accept: 'application/vnd.pypi.simple.v1+json' };

describe('package index', () => {
  it('makes wheels that Python can read', () => {
    const directory = mkdtempSync(join(tmpdir(), 'wheel-'));
    const recipe = { name: 'Tiny.Pkg', version: '2.0', requires: ['other>=1'], scripts: { tiny: 'tiny_pkg:main' } };
    const path = join(directory, wheelFilename(recipe));
    writeFileSync(path, makeWheel(recipe));
    const script = 'import sys,zipfile;z=zipfile.ZipFile(sys.argv[1]);print(z.testzip(),*z.namelist())';
    const said = execFileSync('python3', ['-c', script, path], { encoding: 'utf8' }).trim().split(' ');
    rmSync(directory, { recursive: true });
    expect(path).toMatch(/Tiny_Pkg-2\.0-py3-none-any\.whl$/);
    expect(said).toEqual([
      'None',
      'tiny_pkg/__init__.py',
      ...['METADATA', 'WHEEL', 'entry_points.txt', 'RECORD'].map((name) => `Tiny_Pkg-2.0.dist-info/${name}`),
    ]);
  });

  it('serves pages, files, ranges and metadata', async () => {
    const recipe = { name: 'tiny_pkg', requires: ['other'] };
    await using index = await startPackageIndex([recipe]);
    const page = (await (await fetch(`${index.url}tiny-pkg/`, { headers: json })).json()) as {
      files: { url: string }[];
    };
    expect(page.files[0]).toMatchObject({ filename: 'tiny_pkg-1.0-py3-none-any.whl', url: expect.any(String) });
    expect(await (await fetch(`${index.url}tiny-pkg/`)).text()).toContain('#sha256=');
    const file = index.fileUrl('tiny_pkg-1.0-py3-none-any.whl');
    const bytes = Buffer.from(await (await fetch(file)).arrayBuffer());
    expect(bytes).toEqual(makeWheel(recipe));
    const tail = await fetch(file, { headers: { range: 'bytes=-22' } });
    expect([tail.status, Buffer.from(await tail.arrayBuffer())]).toEqual([206, bytes.subarray(-22)]);
    expect(await (await fetch(`${file}.metadata`)).text()).toContain('Requires-Dist: other');
    expect((await fetch(`${index.url}absent/`)).status).toBe(404);
  });

  it('wants credentials when told to', async () => {
    await using index = await startPackageIndex([{ name: 'tiny' }], { credentials: 'me:word' });
    expect((await fetch(`${index.url}tiny/`)).status).toBe(401);
    const authorization = `Basic ${Buffer.from('me:word').toString('base64')}`;
    expect((await fetch(`${index.url}tiny/`, { headers: { authorization } })).status).toBe(200);
  });
});
