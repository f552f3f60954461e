import { describe, expect, it } from 'vitest';
import { createFormat } from './use-format.ts';

const english = createFormat('en');
const chinese = createFormat('zh-TW');

describe('createFormat', () => {
  it.each([
    [0, '0 byte'],
    [999, '999 byte'],
    [1000, '1.0 kB'],
    [75_900_000, '75.9 MB'],
    [312_000_000, '312 MB'],
    [1_500_000_000_000_000, '1,500 TB'],
  ])('writes %d bytes as %s', (bytes, text) => {
    expect(english.bytes(bytes)).toBe(text);
  });

  it.each([
    [3.44, '3.4 sec'],
    [125, '2 min 5 sec'],
    [7260, '2 hr 1 min'],
    [3600, '1 hr'],
    [120, '2 min'],
  ])('writes %d seconds as %s', (seconds, text) => {
    expect(english.duration(seconds)).toBe(text);
  });

  it('tells how long ago something was, in each language', () => {
    const now = new Date('2026-11-25T10:00:00Z');
    expect(english.relative('2026-11-25T09:57:00Z', now)).toBe('3 minutes ago');
    expect(english.relative('2026-11-25T10:00:02Z', now)).toBe('now');
    expect(english.relative('2026-11-23T09:00:00Z', now)).toBe('2 days ago');
    expect(chinese.relative('2026-11-25T09:57:00Z', now)).toBe('3 分鐘前');
    expect(chinese.bytes(75_900_000)).toBe('75.9 MB');
  });
});
