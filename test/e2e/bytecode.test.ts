import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Container } from '../buildah.ts';
import { type Built, type ComparisonBed, openComparisonBed } from '../comparison-bed.ts';
import { asRoot, openContainerPip } from '../container-pip.ts';

const library = '/usr/local/lib/python3.11/dist-packages';
const pip = ['httpx', 'Jinja2', 'PyYAML'];
const compiling = { words: ['--compile-bytecode'] };
let bed: ComparisonBed;
let base: string;
let ours: Container;
let theirs: Container;
let built: Built;

beforeAll(async () => {
  bed = await openComparisonBed();
  base = await bed.pushBase('debian12');
  built = await bed.build(base, { pip }, compiling);
  ours = await bed.buildah.from(built.image);
  theirs = await bed.buildah.from(base);
  const constraints = built.lock.packages.map(({ name, version }) => `${name}==${version}`);
  await (await openContainerPip()).install(theirs, pip, constraints, { compile: true });
});
afterAll(() => bed?.[Symbol.asyncDispose]());

describe('bytecode of pip packages', () => {
  it('stands where pip puts it, in RECORD too', () => {
    const compiled = compiledIn(ours);
    expect(compiled.length).toBeGreaterThan(100);
    expect(compiled).toEqual(compiledIn(theirs));
    for (const distInfo of readdirSync(join(ours.root, library)).filter((name) => name.endsWith('.dist-info'))) {
      expect(recordedIn(ours, distInfo)).toEqual(recordedIn(theirs, distInfo));
    }
  });

  it('is what Python takes, without looking at the source', async () => {
    const file = `${library}/jinja2/__pycache__/environment.cpython-311.pyc`;
    // PEP 552: a hash of the source, which is not checked.
    expect(readFileSync(join(ours.root, file)).readUInt32LE(4)).toBe(1);
    const { stderr } = await ours.tryRun(['python3', '-v', '-c', 'import jinja2, yaml, httpx'], asRoot());
    expect(stderr).toContain(`# code object from '${file}'`);
    expect(stderr).not.toContain(`# code object from ${library}`);
  });

  it('is the same elsewhere beside other packages, and left out unless asked for', async () => {
    const elsewhere = await bed.build(base, { pip: [...pip, 'six'] }, { ...compiling, data: 'elsewhere' });
    expect(await layersOf(elsewhere)).toEqual(expect.arrayContaining([...(await layersOf(built))]));
    const without = await bed.build(base, { pip });
    expect(without.lock.python?.compileBytecode).toBeUndefined();
    await using container = await bed.buildah.from(without.image);
    expect(compiledIn(container)).toEqual([]);
  });
});

function compiledIn({ root }: Container): readonly string[] {
  const names = readdirSync(join(root, library), { recursive: true }) as string[];
  return names.filter((name) => name.endsWith('.pyc')).sort();
}

function recordedIn({ root }: Container, distInfo: string): readonly string[] {
  const lines = readFileSync(join(root, library, distInfo, 'RECORD'), 'utf8').split(/\r?\n/);
  return lines.filter((line) => line.includes('.pyc'));
}

async function layersOf({ image }: Built): Promise<readonly string[]> {
  const [, host, repository, digest] = /^([^/]+)\/(.+)@(.+)$/.exec(image)!;
  const accept = 'application/vnd.oci.image.manifest.v1+json';
  const response = await fetch(`http://${host}/v2/${repository}/manifests/${digest}`, { headers: { accept } });
  return ((await response.json()) as { layers: { digest: string }[] }).layers.map((layer) => layer.digest);
}
