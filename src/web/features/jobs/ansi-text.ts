/** A run of text in one look. */
export interface Span {
  readonly text: string;
  /** Colour by its ANSI number, 0 to 15; absent for the usual one. */
  readonly colour?: number;
  readonly isBold?: boolean;
}

/** Reads the colours and weights of a line (ECMA-48 SGR); every other control sequence is left out. */
export function parseAnsi(line: string): readonly Span[] {
  if (!line.includes('\u001b')) return [{ text: line }];
  const spans: Span[] = [];
  let look: Omit<Span, 'text'> = {};
  let end = 0;
  const add = (text: string) => {
    if (text !== '') spans.push({ text, ...look });
  };
  for (const match of line.matchAll(/\u001b(?:\[([0-9;:]*)([@-~])|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g)) {
    add(line.slice(end, match.index));
    end = match.index + match[0].length;
    if (match[2] === 'm') look = applyCodes(look, match[1]!);
  }
  add(line.slice(end));
  return spans.length === 0 ? [{ text: '' }] : spans;
}

/** The line as it reads, without its looks. */
export function plainText(line: string): string {
  return parseAnsi(line)
    .map(({ text }) => text)
    .join('');
}

function applyCodes(look: Omit<Span, 'text'>, list: string): Omit<Span, 'text'> {
  const codes = list === '' ? [0] : list.split(/[;:]/).map(Number);
  let next = look;
  for (let index = 0; index < codes.length; index++) {
    const code = codes[index]!;
    if (code === 0) next = {};
    else if (code === 1) next = { ...next, isBold: true };
    else if (code === 22) next = withoutKey(next, 'isBold');
    else if (code >= 30 && code <= 37) next = { ...next, colour: code - 30 };
    else if (code >= 90 && code <= 97) next = { ...next, colour: code - 82 };
    else if (code === 39) next = withoutKey(next, 'colour');
    else if (code === 38 || code === 48) {
      // 256 colours and true colour: of the former the first sixteen are ours.
      const isIndexed = codes[index + 1] === 5;
      const value = codes[index + 2];
      if (code === 38 && isIndexed && value !== undefined && value < 16) next = { ...next, colour: value };
      index += isIndexed ? 2 : 4;
    }
  }
  return next;
}

function withoutKey<T extends object, K extends keyof T>(object: T, key: K): Omit<T, K> {
  const { [key]: _, ...rest } = object;
  return rest;
}
