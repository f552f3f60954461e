import { describe, expect, it } from 'vitest';
import { cutLongLine, escapeControls, maxLineBytes } from './printable-line.ts';

describe('escapeControls', () => {
  it.each([
    ['a\tb', 'a\tb'],
    ['\x1b[1;31mred\x1b[0m', '\x1b[1;31mred\x1b[0m'],
    ['\x1b[2J\x1b]0;title\x07', '\\x1b[2J\\x1b]0;title\\x07'],
    ['\x00\x7f\x9b31m', '\\x00\\x7f\\x9b31m'],
    ['naïve 😀', 'naïve 😀'],
  ])('makes of %j %j', (line, expected) => {
    expect(escapeControls(line)).toBe(expected);
  });
});

describe('cutLongLine', () => {
  it('cuts between characters and says so', () => {
    expect(cutLongLine('x'.repeat(maxLineBytes))).toHaveLength(maxLineBytes);
    const cut = cutLongLine(`x${'é'.repeat(maxLineBytes)}`);
    expect(cut).not.toContain('\ufffd');
    expect(cut).toMatch(/^xé+ \[line cut after 64 KiB\]$/);
  });

  it('leaves no half of a colour', () => {
    expect(cutLongLine(`${'x'.repeat(maxLineBytes - 3)}\x1b[31mred`)).toMatch(/^x+ \[line cut after 64 KiB\]$/);
  });
});
