import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRecordScanner } from './record-scanner.ts';

/** The records that the scanner finds, read from where it says they stand. */
function scan(text: string, chunkSize = 65_536) {
  const bytes = Buffer.from(text);
  const found: [string, unknown][] = [];
  const scanner = createRecordScanner((filename, start, end) => {
    const [[key, value]] = Object.entries(JSON.parse(`{${bytes.toString('utf8', start, end)}}`)) as [[string, unknown]];
    expect(JSON.parse(`"${filename}"`)).toBe(key);
    found.push([key, value]);
  });
  for (let at = 0; at < bytes.length; at += chunkSize) scanner.write(bytes.subarray(at, at + chunkSize));
  return { found, info: scanner.end().info };
}

describe('createRecordScanner', () => {
  it('finds each record, however the bytes come and whatever stands between them', () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('\\', '"', '{', '}', '\\"{', '['),
      fc.double(),
    );
    const record = fc.dictionary(fc.string(), fc.oneof(value, fc.array(value, { maxLength: 3 })), { maxKeys: 4 });
    const records = fc.dictionary(fc.string({ maxLength: 20 }), record, { maxKeys: 6 });
    const shape = fc.record({ packages: records, conda: records, removed: fc.array(fc.string()), space: fc.boolean() });
    fc.assert(
      fc.property(shape, fc.integer({ min: 1, max: 50 }), ({ packages, conda, removed, space }, chunkSize) => {
        const whole = { removed, info: { subdir: 'noarch', deep: { x: ['{'] } }, packages, 'packages.conda': conda };
        const { found, info } = scan(JSON.stringify(whole, null, space ? 2 : undefined), chunkSize);
        expect(found).toEqual(
          [...Object.entries(packages), ...Object.entries(conda)].map(([key, each]) => [
            key,
            JSON.parse(JSON.stringify(each)),
          ]),
        );
        expect(JSON.parse(info)).toEqual(whole.info);
      }),
      { numRuns: 300 },
    );
  });

  it.each(['', '{', '{"packages":{"a":{}', '{}}', '{} {}', '{"packages":{}'])('refuses %j', (text) => {
    expect(() => scan(text)).toThrow();
  });

  it('keeps no giant of a key', () => {
    expect(() => scan(`{"packages":{"${'a'.repeat(5000)}":{}}}`, 100)).toThrow('too long');
    expect(() => scan(`{"info":{"a":"${'a'.repeat(200_000)}"}}`, 1000)).toThrow('too long');
  });
});
