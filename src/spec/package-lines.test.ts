import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toPackageLines } from './package-lines.ts';

const read = (typed: string | readonly string[]) => toPackageLines(typed, 'packages.pip');

describe('toPackageLines', () => {
  it('keeps the numbers of the lines as typed', () => {
    const { lines, problems } = read('\uFEFFnumpy\r\n\r\n# c\n\t pandas \u00A0# why\n\u3000scipy\u200B\n');
    expect(problems).toEqual([]);
    expect(lines).toEqual([
      { line: 1, text: 'numpy' },
      { line: 4, text: 'pandas' },
      { line: 5, text: 'scipy' },
    ]);
  });

  it('tells comments from fragments', () => {
    const texts = ['a @ https://e.example.com/a-1-py3-none-any.whl#sha256=0 # x', '#a', 'a#b', 'a\t#b'];
    expect(read(texts).lines.map(({ text }) => text)).toEqual([texts[0]!.slice(0, -4), 'a#b', 'a']);
  });

  it.each([
    ['num\u00A0py', 'a no-break space (U+00A0)'],
    ['num\u200Bpy', 'a zero-width space (U+200B)'],
    ['num\u0007py', 'the control character U+0007'],
    ['num\u2028py', 'the space character U+2028'],
    ['num\rpy', 'the control character U+000D'],
    ['num\u202Epy', 'the invisible character U+202E'],
  ])('names the character in %j', (text, name) => {
    const { lines, problems } = read([text]);
    expect(lines).toEqual([]);
    expect(problems).toMatchObject([{ line: 1, code: 'character-invalid', message: expect.stringContaining(name) }]);
  });

  it('allows anything in comments', () => {
    expect(read('numpy # für „alle“\u00A0…\n').problems).toEqual([]);
  });

  it('refuses an item of several lines', () => {
    expect(read(['a\nb']).problems).toMatchObject([{ line: 1, code: 'several-lines' }]);
  });

  it('cuts a huge line short', () => {
    const { problems } = read(`numpy\n${'x'.repeat(1_000_000)}`);
    expect(problems).toMatchObject([{ line: 2, code: 'line-too-long' }]);
    expect(JSON.stringify(problems).length).toBeLessThan(500);
  });

  it('refuses too many lines', () => {
    expect(read('\n'.repeat(10_000))).toMatchObject({ lines: [], problems: [{ code: 'too-many-lines' }] });
  });

  it('gives lines without white space at the ends, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (texts) => {
        const { lines, problems } = read(texts);
        for (const { text } of lines) expect(text).toMatch(/^\S(?:.*\S)?$/u);
        const numbers = [...lines, ...problems].map(({ line }) => line!);
        expect(new Set(numbers).size).toBe(numbers.length);
        expect(lines.every(({ line, text }) => texts[line - 1]!.includes(text))).toBe(true);
      }),
    );
  });
});
