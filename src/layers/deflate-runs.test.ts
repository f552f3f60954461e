import { deflateRawSync, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deflateRuns } from './deflate-runs.ts';
import { tarHeader } from './tar-header.ts';

describe('deflateRuns', () => {
  it('is inflated to what went in, whatever the bytes and runs are', () => {
    const run = fc.tuple(fc.nat(255), fc.oneof(fc.nat(4), fc.integer({ min: 250, max: 270 }), fc.nat(2000)));
    fc.assert(
      fc.property(fc.array(run, { maxLength: 20 }), (list) => {
        const bytes = Buffer.concat(list.map(([byte, length]) => Buffer.alloc(length, byte)));
        expect(inflateRawSync(deflateRuns(bytes, { isLast: true }), { info: true })).toMatchObject({ buffer: bytes });
      }),
    );
  });

  it('knows every length of a run and every byte', () => {
    for (let length = 0; length <= 520; length++) {
      const bytes = Buffer.alloc(length, 'x');
      expect(inflateRawSync(deflateRuns(bytes, { isLast: true })).equals(bytes)).toBe(true);
    }
    const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    expect(inflateRawSync(deflateRuns(all, { isLast: true })).equals(all)).toBe(true);
  });

  it('begins a stream that another one ends', () => {
    const next = deflateRawSync('next');
    for (let length = 0; length <= 100; length++) {
      const bytes = Buffer.from('abcdefghijklmno'.repeat(7).slice(0, length));
      const begun = deflateRuns(bytes, { isLast: false });
      expect(inflateRawSync(Buffer.concat([begun, next])).toString()).toBe(`${bytes}next`);
    }
  });

  it('makes a tar header little larger than zlib does', () => {
    const path = '/usr/local/lib/python3.11/dist-packages/sklearn/ensemble/_hist_gradient_boosting/common.py';
    const header = tarHeader({ type: 'file', path, sizeBytes: 12_345, mode: 0o644 });
    const bytes = Buffer.concat([Buffer.alloc(300), header]);
    expect(deflateRuns(bytes, { isLast: true }).length).toBeLessThan(deflateRawSync(bytes).length * 1.15);
  });
});
