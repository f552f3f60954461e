import { describe, expect, it } from 'vitest';
import { parseDuration } from './common-options.ts';
import { count, formatBytes, formatSeconds, formatTable, printable } from './format-text.ts';
import { parseListen } from './service-options.ts';

describe('formatting', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [999_960, '1.0 MB'],
    [67_711_414, '67.7 MB'],
    [259e6, '259 MB'],
    [2e9, '2.0 GB'],
  ])('%d bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  it.each([
    [0.04, '0.0 s'],
    [59.94, '59.9 s'],
    [125.2, '2 min 05 s'],
  ])('%d seconds are %s', (seconds, text) => expect(formatSeconds(seconds)).toBe(text));

  it('counts in words', () => expect([count(1, 'layer'), count(0, 'layer')]).toEqual(['1 layer', '0 layers']));

  it('aligns columns', () =>
    expect(
      formatTable([
        ['A', 'B'],
        ['long', 'x'],
      ]),
    ).toBe('A     B\nlong  x'));

  it('shows escape sequences and text direction tricks instead of obeying them', () => {
    expect(printable('a\x1b[31mb\u202ec\n')).toBe('a\\u001b[31mb\\u202ec\n');
  });
});

describe('reading values', () => {
  it.each([
    ['0', 0],
    ['90s', 90_000],
    ['10m', 600_000],
    ['2h', 7_200_000],
    ['250ms', 250],
  ])('%s is %d ms', (text, ms) => expect(parseDuration(text, '--x')).toBe(ms));

  it.each(['', '-1s', '1 s', '1y', 'soon'])('"%s" is no time', (text) =>
    expect(() => parseDuration(text, '--x')).toThrow('--x'),
  );

  it.each([
    ['127.0.0.1:8080', { host: '127.0.0.1', port: 8080 }],
    [':9000', { host: '127.0.0.1', port: 9000 }],
    ['[::1]:1', { host: '::1', port: 1 }],
  ])('%s is an address', (text, expected) => expect(parseListen(text)).toEqual(expected));

  it.each(['8080', 'host', 'a:b', '1.2.3.4:99999'])('%s is none', (text) =>
    expect(() => parseListen(text)).toThrow(text),
  );
});
