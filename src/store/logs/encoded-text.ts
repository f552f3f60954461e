/** Bytes of a text, the last one excluded. */
export interface TextRange {
  readonly from: number;
  readonly to: number;
}

/** Text as bytes, one character a byte (`latin1`), with an encoding undone. */
export interface DecodedText {
  readonly text: string;
  /** Where a part of it stands in the original. */
  locate(range: TextRange): TextRange;
}

/** Encodings within encodings are undone to this depth: a URL in JSON in JSON. */
const maxDepth = 2;

/** The text itself and all that it may stand for: with percent-encoding, JSON escapes and colours undone, in any order. */
export function decodings(text: string): readonly DecodedText[] {
  const found: DecodedText[] = [{ text, locate: (range) => range }];
  for (let depth = 0, from = 0; depth < maxDepth; depth++) {
    const before = found.slice(from);
    from = found.length;
    for (const decoded of before) {
      for (const encoding of encodings) {
        if (decoded.text.includes(encoding.mark)) found.push(decode(decoded, encoding));
      }
    }
  }
  return found;
}

interface Encoding {
  /** In every escape. */
  readonly mark: string;
  readonly pattern: RegExp;
  /** The bytes that an escape stands for. */
  readonly bytesOf: (found: string) => string;
}

const shortEscapes: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

const encodings: readonly Encoding[] = [
  {
    mark: '%',
    pattern: /%[0-9a-f]{2}/gi,
    bytesOf: (found) => String.fromCharCode(Number.parseInt(found.slice(1), 16)),
  },
  {
    mark: '\\',
    // The two halves of a surrogate pair are one character.
    pattern: /\\u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|\\u[\da-fA-F]{4}|\\["'\\/bfnrt]/g,
    bytesOf: (found) => (found[1] === 'u' ? unicodeBytes(found) : (shortEscapes[found[1]!] ?? found[1]!)),
  },
  { mark: '\x1b', pattern: /\x1b\[[0-9;:]*m/g, bytesOf: () => '' },
];

function unicodeBytes(escapes: string): string {
  const units = escapes.slice(2).split('\\u');
  return Buffer.from(String.fromCharCode(...units.map((unit) => Number.parseInt(unit, 16)))).toString('latin1');
}

function decode({ text, locate }: DecodedText, encoding: Encoding): DecodedText {
  // Most lines have nothing to be located, and places are many.
  let places: Places | undefined;
  return {
    text: text.replace(encoding.pattern, encoding.bytesOf),
    locate({ from, to }) {
      places ??= findPlaces(text, encoding);
      return locate({ from: places.starts[from]!, to: places.ends[to - 1]! });
    },
  };
}

/** For each decoded byte, between which bytes of the encoded text it stands. */
interface Places {
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

function findPlaces(text: string, { pattern, bytesOf }: Encoding): Places {
  const starts: number[] = [];
  const ends: number[] = [];
  const add = (start: number, end: number) => {
    starts.push(start);
    ends.push(end);
  };
  let done = 0;
  const keepUntil = (end: number) => {
    for (; done < end; done++) add(done, done + 1);
  };
  for (const { 0: found, index } of text.matchAll(pattern)) {
    keepUntil(index);
    done = index + found.length;
    for (const _ of bytesOf(found)) add(index, done);
  }
  keepUntil(text.length);
  return { starts, ends };
}
