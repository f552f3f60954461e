import { decodings, type TextRange } from './encoded-text.ts';

/** Shorter ones would blank out everything. */
const minSecretChars = 6;
const blank = '***';

export interface Redactor {
  /** The line with `***` in the place of every secret; as it was when there is none. */
  redact(line: string): string;
}

/**
 * Finds secrets in whole lines: as they are, percent-encoded, escaped as in JSON, and in base64 of anything that contains them, such as
 * `user:secret`. A secret of several lines is known by each of them. Secrets and lines of fewer than 6 characters are not looked for.
 */
export function createRedactor(secrets: readonly string[]): Redactor {
  const forms = [...new Set(secrets.flatMap(linesOfSecret))];
  const plain = [...new Set(forms.flatMap(plainForms))].map(asLatin1);
  const encoded = distinctParts(forms.flatMap(encodedForms).flatMap(base64Parts));
  if (plain.length === 0) return { redact: (line) => line };
  return {
    redact(line) {
      const original = asLatin1(line);
      const ranges = decodings(original).flatMap(({ text, locate }) =>
        [...findPlain(text, plain), ...findBase64(text, encoded)].map(locate),
      );
      return ranges.length === 0 ? line : Buffer.from(blankOut(original, ranges), 'latin1').toString();
    },
  };
}

/** Bytes as characters, so that positions are those of bytes and searches are quick. */
function asLatin1(text: string): string {
  return /^[\x00-\x7f]*$/.test(text) ? text : Buffer.from(text).toString('latin1');
}

function linesOfSecret(secret: string): string[] {
  return secret
    .split(/[\r\n]+/)
    .flatMap((line) => [line, line.trim()])
    .filter((line) => line.length >= minSecretChars);
}

/**
 * Encodings are undone before a line is searched; the usual ones are looked for as well, as what stands before a secret may be taken for
 * half of an escape. In a form (`application/x-www-form-urlencoded`) a space is a plus.
 */
function plainForms(secret: string): string[] {
  return [secret, jsonForm(secret), encodeURIComponent(secret.toWellFormed()), secret.replaceAll(' ', '+')];
}

/** What may stand in base64: the `auth` of a registry is of the secret itself, a whole file of credentials is of JSON. */
function encodedForms(secret: string): string[] {
  return [secret, jsonForm(secret)];
}

const jsonForm = (secret: string) => JSON.stringify(secret).slice(1, -1);

/** Characters of base64 that a secret alone determines, wherever it begins in what is encoded. */
interface Base64Part {
  readonly text: string;
  /** The character before them, or after them, has bits of the secret too. */
  readonly hasHead: boolean;
  readonly hasTail: boolean;
}

/** One part for each of the three ways in which a secret can lie over groups of three bytes. */
function base64Parts(secret: string): Base64Part[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2].map((before) => {
    const bits = (before + bytes.length) * 8;
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    const first = Math.ceil((before * 8) / 6);
    return { text: text.slice(first, Math.floor(bits / 6)), hasHead: before > 0, hasTail: bits % 6 > 0 };
  });
}

function distinctParts(parts: readonly Base64Part[]): readonly Base64Part[] {
  return [...new Map(parts.map((part) => [part.text, part])).values()];
}

function findPlain(text: string, secrets: readonly string[]): TextRange[] {
  return secrets.flatMap((secret) => occurrences(text, secret));
}

function findBase64(text: string, parts: readonly Base64Part[]): TextRange[] {
  // The alphabet for URLs has other characters for two of the values.
  const standard = text.replaceAll('-', '+').replaceAll('_', '/');
  const isDigit = (at: number) => /[\w+/]/.test(standard[at] ?? '');
  return parts.flatMap(({ text: part, hasHead, hasTail }) =>
    occurrences(standard, part).map(({ from, to }) => {
      let end = hasTail && isDigit(to) ? to + 1 : to;
      while (standard[end] === '=') end++;
      return { from: hasHead && isDigit(from - 1) ? from - 1 : from, to: end };
    }),
  );
}

/** Overlapping ones too: what is left of one could be the rest of another. */
function occurrences(text: string, wanted: string): TextRange[] {
  const found: TextRange[] = [];
  for (let at = text.indexOf(wanted); at !== -1; at = text.indexOf(wanted, at + 1)) {
    found.push({ from: at, to: at + wanted.length });
  }
  return found;
}

function blankOut(text: string, ranges: readonly TextRange[]): string {
  const parts: string[] = [];
  let done = 0;
  for (const { from, to } of [...ranges].sort((a, b) => a.from - b.from || b.to - a.to)) {
    if (from >= done) parts.push(text.slice(done, from), blank);
    done = Math.max(done, to);
  }
  return parts.join('') + text.slice(done);
}
