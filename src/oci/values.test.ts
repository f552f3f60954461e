import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, type JsonValue } from './canonical-json.ts';
import { createDigestMeter, digestOf, parseDigest } from './digest.ts';
import { formatPlatform, matchesPlatform, parsePlatform } from './platform.ts';

describe('digest', () => {
  it('is that of the well-known empty input', () => {
    expect(digestOf('')).toBe('sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });

  it('is the same in pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), (pieces) => {
        const meter = createDigestMeter('sha512');
        for (const piece of pieces) meter.update(piece);
        const whole = Buffer.concat(pieces);
        expect([meter.sizeBytes, meter.digest()]).toEqual([whole.length, digestOf(whole, 'sha512')]);
      }),
    );
  });

  it.each(['', 'sha256:', `sha256:${'A'.repeat(64)}`, `md5:${'0'.repeat(32)}`, 'sha256:../../x'])(
    'refuses %j',
    (text) => {
      expect(() => parseDigest(text)).toThrowError(expect.objectContaining({ code: 'digest-invalid' }));
    },
  );
});

describe('canonicalJson', () => {
  it('does not depend on the order of members, and loses nothing', () => {
    const reversed = (value: JsonValue): JsonValue => {
      if (Array.isArray(value)) return value.map(reversed);
      if (value === null || typeof value !== 'object') return value;
      return Object.fromEntries(
        Object.entries(value as Record<string, JsonValue>)
          .reverse()
          .map(([k, v]) => [k, reversed(v)]),
      );
    };
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const json = value as JsonValue;
        expect(canonicalJson(reversed(json))).toBe(canonicalJson(json));
        expect(JSON.parse(canonicalJson(json))).toEqual(JSON.parse(JSON.stringify(json)));
      }),
    );
  });

  it('leaves out members that are undefined', () => expect(canonicalJson({ b: 1, a: undefined })).toBe('{"b":1}'));
});

describe('platform', () => {
  it.each(['linux/amd64', 'linux/arm/v7', 'linux/arm64'])('reads and writes %s', (text) => {
    expect(formatPlatform(parsePlatform(text))).toBe(text);
  });

  it.each(['', 'linux', 'linux/', 'Linux/amd64', 'linux/amd64/', '../x'])('refuses %j', (text) => {
    expect(() => parsePlatform(text)).toThrowError(expect.objectContaining({ code: 'command-invalid' }));
  });

  it('knows arm64 and its only variant for the same', () => {
    expect(matchesPlatform(parsePlatform('linux/arm64/v8'), parsePlatform('linux/arm64'))).toBe(true);
    expect(matchesPlatform(parsePlatform('linux/arm/v6'), parsePlatform('linux/arm/v7'))).toBe(false);
  });
});
