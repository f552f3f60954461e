import type { Problem } from '../errors.ts';
import { say } from '../sentence.ts';
import type { PackageLine } from './image-spec.ts';
import { shortened } from './shortened.ts';

export const maxPackageLines = 10_000;
export const maxPackageLineLength = 1000;

export interface PackageLines {
  readonly lines: readonly PackageLine[];
  readonly problems: readonly Problem[];
}

/**
 * Reads a list of packages as typed: one text with a package a line, or a list with a package an item (where the number of an item is
 * its line). Comments and blank lines are left out, white space at the ends too; nothing else is touched.
 */
export function toPackageLines(typed: string | readonly string[], field: string): PackageLines {
  const texts = typeof typed === 'string' ? typed.replace(/^\uFEFF/, '').split(/\r\n|\n/) : typed;
  if (texts.length > maxPackageLines) {
    const message = say`${texts.length} lines are too many: at most ${maxPackageLines} are read`;
    return { lines: [], problems: [{ field, code: 'too-many-lines', message }] };
  }
  const lines: PackageLine[] = [];
  const problems: Problem[] = [];
  for (const [index, text] of texts.entries()) {
    const line = index + 1;
    const problem = problemOf(text);
    if (problem !== undefined) problems.push({ field, line, text: shortened(text), ...problem });
    else if (withoutComment(text) !== '') lines.push({ line, text: withoutComment(text) });
  }
  return { lines, problems };
}

function problemOf(text: string): Pick<Problem, 'code' | 'message' | 'hint'> | undefined {
  if (text.length > maxPackageLineLength) {
    const message = say`The line has ${text.length} characters; at most ${maxPackageLineLength} are read`;
    return { code: 'line-too-long', message, hint: say`Write one package a line.` };
  }
  const odd = /[^\P{C}\t]|[^\P{Z} ]|\uFEFF/u.exec(withoutComment(text))?.[0];
  if (odd === undefined) return undefined;
  if (odd === '\n') {
    return {
      code: 'several-lines',
      message: say`An item of the list holds a line break`,
      hint: say`Make each package its own item, or write the whole list as one block of text.`,
    };
  }
  return {
    code: 'character-invalid',
    message: say`The line holds ${characterName(odd)}, which no package name or version has`,
    hint: say`Delete it; it often comes along when text is copied from a page or a document.`,
  };
}

/** White space and characters of no width, as they come along with pasted text. */
const blank = String.raw`[\s\u200B-\u200D\u2060\uFEFF\u00AD]`;
const ends = new RegExp(`^${blank}+|${blank}+$`, 'gu');

/** `#` begins a comment at the start or after white space, as in pip's requirements files; `…whl#sha256=…` stays whole. */
function withoutComment(text: string): string {
  const comment = /(?:^|[\s\u200B\uFEFF])#/u.exec(text);
  return (comment === null ? text : text.slice(0, comment.index)).replace(ends, '');
}

const characterNames: Readonly<Record<string, string>> = {
  '\u00A0': 'a no-break space (U+00A0)',
  '\u00AD': 'a soft hyphen (U+00AD)',
  '\u200B': 'a zero-width space (U+200B)',
  '\u3000': 'an ideographic space (U+3000)',
  '\uFEFF': 'a byte order mark (U+FEFF)',
};

function characterName(character: string): string {
  const code = `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
  const kind = /\p{Cc}/u.test(character) ? 'control' : /\p{Z}/u.test(character) ? 'space' : 'invisible';
  return characterNames[character] ?? `the ${kind} character ${code}`;
}
