import { describe, expect, it } from 'vitest';
import { parseAnsi, plainText } from './ansi-text.ts';

const esc = '\u001b';

describe('parseAnsi', () => {
  it.each([
    ['plain', [{ text: 'plain' }]],
    ['', [{ text: '' }]],
    [`${esc}[31mred${esc}[0m rest`, [{ text: 'red', colour: 1 }, { text: ' rest' }]],
    [
      `${esc}[1;92mbright${esc}[22m weak${esc}[39m no`,
      [{ text: 'bright', colour: 10, isBold: true }, { text: ' weak', colour: 10 }, { text: ' no' }],
    ],
    [`a${esc}[mb`, [{ text: 'a' }, { text: 'b' }]],
    [
      `${esc}[38;5;3mthree${esc}[38;5;200mother`,
      [
        { text: 'three', colour: 3 },
        { text: 'other', colour: 3 },
      ],
    ],
    [`${esc}[38;2;1;31;3mtrue${esc}[48;5;31mground`, [{ text: 'true' }, { text: 'ground' }]],
  ])('reads %j', (line, spans) => {
    expect(parseAnsi(line)).toEqual(spans);
  });

  it('leaves out what moves the cursor or names a window', () => {
    expect(plainText(`${esc}[2K${esc}[1Gdone ${esc}]0;title\u0007${esc}]8;;https://x${esc}\\link${esc}M`)).toBe(
      'done link',
    );
    expect(plainText(`cut ${esc}[`)).toBe(`cut ${esc}[`);
  });
});
