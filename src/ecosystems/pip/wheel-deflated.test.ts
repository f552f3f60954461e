import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants, crc32, deflateRawSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AssembledBlob, assembleLayer } from '../../layers/assemble-layer.ts';
import { surveyBase } from '../../layers/base-survey.ts';
import { digestOf } from '../../oci/digest.ts';
import type { LayerCompression } from '../../oci/media-types.ts';
import { createRootfs } from '../../rootfs/create-rootfs.ts';
import { type CraftedMember, craftZip } from '../archives/testdata/crafted-zip.ts';
import { wholeMemberBytes } from '../archives/zip-inflate.ts';
import type { WheelInput } from './wheel-layer.ts';
import { wheelLayerModule } from './wheel-source.ts';

let directory: string;
let count = 0;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'wheel-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const library = '/usr/lib/python3/dist-packages';
const python: WheelInput['python'] = {
  executable: '/usr/bin/python3',
  version: '3.11',
  scheme: { purelib: library, platlib: library, scripts: '/usr/bin', headers: '/usr/include', data: '/usr' },
};

/** A wheel of some members and a RECORD that is right for their content. */
function wheelOf(members: readonly CraftedMember[]): Buffer {
  const all: readonly CraftedMember[] = [
    { name: 'demo-1.0.dist-info/METADATA', content: 'Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n' },
    { name: 'demo-1.0.dist-info/WHEEL', content: 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\n' },
    ...members,
  ];
  const rows = all.map(({ name, content = '' }) => {
    return `${name},sha256=${createHash('sha256').update(content).digest('base64url')},${Buffer.byteLength(content)}`;
  });
  const name = 'demo-1.0.dist-info/RECORD';
  return craftZip([...all, { name, content: [...rows, `${name},,`].join('\n') }]);
}

/** The layer of a wheel, assembled in this thread. */
async function layerOf(
  wheel: Buffer,
  compression: LayerCompression,
): Promise<AssembledBlob & { readonly bytes: Buffer }> {
  const [source, file] = [join(directory, `${count++}.whl`), join(directory, `${count++}`)];
  writeFileSync(source, wheel);
  const expected = { name: 'demo', version: '1.0', filename: 'demo-1.0-py3-none-any.whl', sha256: 'ab' };
  const contentFile = `${source}.files`;
  const input: WheelInput = { file: source, contentFile, python, isRequested: false, ...expected };
  const task = { sources: [{ title: 'demo 1.0', module: wheelLayerModule, input }], compression, file };
  const blob = await assembleLayer(task, async (asked) => surveyBase(createRootfs([]), asked));
  return { ...blob, bytes: readFileSync(file) };
}

const short = 'x = 1\n'.repeat(1000);
// Large enough to pass in pieces.
const long = Buffer.from(Array.from({ length: wholeMemberBytes + 100_000 }, (_, n) => (n * n) >> 11));

describe('a gzip layer of a wheel', () => {
  it('holds the deflate streams of the wheel, and is the same tar as without compression', async () => {
    const packed = [short, long].map((content) => deflateRawSync(content, { level: 9 }));
    const wheel = wheelOf([
      { name: 'demo/short.py', content: short, packed: packed[0]! },
      { name: 'demo/long.so', content: long, packed: packed[1]! },
      { name: 'demo/stored.py', content: short, stored: true },
      { name: 'demo/empty.py', content: '' },
      { name: 'demo-1.0.data/scripts/changed', content: `#!python\n${short}`, mode: 0o100755 },
    ]);
    const [plain, gzip, again] = [
      await layerOf(wheel, 'none'),
      await layerOf(wheel, 'gzip'),
      await layerOf(wheel, 'gzip'),
    ];
    expect(gunzipSync(gzip.bytes).equals(plain.bytes)).toBe(true);
    expect(packed.map((stream) => gzip.bytes.includes(stream))).toEqual([true, true]);
    expect(gzip).toMatchObject({ diffId: digestOf(plain.bytes), digest: digestOf(gzip.bytes) });
    expect(again.digest).toBe(gzip.digest);
  });

  const contents = [
    ['whole', short],
    ['in pieces', long],
  ] as const;
  const lies: readonly (readonly [string, (content: string | Buffer) => Omit<CraftedMember, 'name'>])[] = [
    ['bytes after its end', (content) => ({ packed: Buffer.concat([deflateRawSync(content), Buffer.from('hidden')]) })],
    [
      'another stream after its end',
      (content) => ({ packed: Buffer.concat([deflateRawSync(content), deflateRawSync(content)]) }),
    ],
    ['no end', (content) => ({ packed: deflateRawSync(content, { finishFlush: constants.Z_SYNC_FLUSH }) })],
    ['its end cut off', (content) => ({ packed: deflateRawSync(content).subarray(0, -1) })],
    ['a wrong checksum', () => ({ central: { crc: 1 }, local: { crc: 1 } })],
    ['a size too small', () => ({ central: { bytes: 3 }, local: { bytes: 3 } })],
    [
      'a size too large',
      (content) => ({ central: { bytes: content.length + 1 }, local: { bytes: content.length + 1 } }),
    ],
    [
      'a match from before its beginning, which in a layer would be the header',
      () => ({ content: Buffer.alloc(3), packed: Buffer.from([3, 2, 0]) }),
    ],
    [
      'other content than RECORD says',
      (content) => {
        const other = Buffer.from(content).reverse();
        const crc = crc32(other);
        return { packed: deflateRawSync(other), central: { crc }, local: { crc } };
      },
    ],
  ];
  it.each(
    lies.flatMap(([what, lie]) => contents.map(([how, content]) => [what, how, { content, ...lie(content) }] as const)),
  )('is not made of a stream with %s, read %s', async (_what, _how, member) => {
    const outcomeOf = (each: CraftedMember) =>
      layerOf(wheelOf([each]), 'gzip').then(
        () => 'made',
        ({ code }) => code,
      );
    expect(await outcomeOf({ name: 'demo/a', content: member.content })).toBe('made');
    expect(await outcomeOf({ name: 'demo/a', ...member })).toBe('package-corrupt');
  });
});
