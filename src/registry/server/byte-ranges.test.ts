import { describe, expect, it } from 'vitest';
import { parseContentRange, parseRange } from './byte-ranges.ts';

describe('parseRange', () => {
  it.each([
    ['bytes=0-0', { start: 0, end: 0 }],
    ['bytes=2-4', { start: 2, end: 4 }],
    ['bytes=2-', { start: 2, end: 9 }],
    ['bytes=2-500', { start: 2, end: 9 }],
    ['bytes=-3', { start: 7, end: 9 }],
    ['bytes=-30', { start: 0, end: 9 }],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=10-', 'unsatisfiable'],
    ['bytes=5-4', 'unsatisfiable'],
    ['bytes=-', undefined],
    ['bytes=0-1,3-4', undefined],
    ['lines=0-1', undefined],
    ['bytes=99999999999999999999-', undefined],
    [undefined, undefined],
  ])('reads %s of ten bytes', (header, range) => {
    expect(parseRange(header, 10)).toEqual(range);
  });

  it('finds nothing in an empty blob', () => {
    expect(parseRange('bytes=0-', 0)).toBe('unsatisfiable');
  });
});

describe('parseContentRange', () => {
  it('reads both ends', () => {
    expect(parseContentRange('10-19')).toEqual({ start: 10, end: 19 });
  });

  it.each(['', '5', '5-', '-5', '6-5', 'bytes 0-1/2', '0-99999999999999999999', '0x1-0x2'])('refuses %j', (header) => {
    expect(parseContentRange(header)).toBeUndefined();
  });
});
