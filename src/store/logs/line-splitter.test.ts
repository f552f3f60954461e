import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLineSplitter, maxRawLineChars } from './line-splitter.ts';

function split(chunks: readonly (Uint8Array | string)[]): string[] {
  const lines: string[] = [];
  const splitter = createLineSplitter((line) => lines.push(line));
  for (const chunk of chunks) splitter.add(chunk);
  splitter.end();
  return lines;
}

describe('createLineSplitter', () => {
  it('finds the same lines however the text is divided', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'é', '😀', '\n', '\r', '\r\n'), maxLength: 30 });
    const property = fc.property(text, fc.array(fc.nat(60)), (whole, cuts) => {
      const bytes = Buffer.from(whole);
      const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
      const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
      const expected = whole.split(/\r\n|\n|\r/);
      // What follows the last line end is a line only if there is something.
      expect(split(chunks)).toEqual(expected.at(-1) === '' ? expected.slice(0, -1) : expected);
    });
    fc.assert(property);
  });

  it('keeps no more of an endless line than can be shown', () => {
    const lines = split([...Array.from({ length: 40 }, () => 'x'.repeat(100_000)), '\nnext\n']);
    expect(lines.map((line) => line.length)).toEqual([maxRawLineChars, 4]);
  });
});
