import type { Sentence } from '../../sentence.ts';
/** Where and why a text is not what the grammar wants. */
export class RequirementSyntaxError extends Error {
  declare readonly message: Sentence;
  /** Counted from 1. */
  readonly column: number;

  constructor(column: number, message: Sentence) {
    super(message);
    this.column = column;
  }
}

/** Reads a text from left to right. White space before what is looked for is skipped. */
export interface RequirementScanner {
  /** Consumes what the sticky pattern matches; `undefined` and nothing consumed when it does not. */
  take(pattern: RegExp): string | undefined;
  /** True and consumed when the text goes on with `literal`. */
  skip(literal: string): boolean;
  atEnd(): boolean;
  /** Fails at the place reached (or at an earlier one). */
  fail(message: Sentence, at?: number): never;
  /** Offset reached, white space skipped. */
  position(): number;
}

/** Starts at the beginning of the text. `fail` throws `RequirementSyntaxError`. */
export function createRequirementScanner(text: string): RequirementScanner {
  let offset = 0;
  const position = () => {
    while (text[offset] === ' ' || text[offset] === '\t') offset++;
    return offset;
  };
  return {
    position,
    take(pattern) {
      const sticky = new RegExp(pattern.source, 'y');
      sticky.lastIndex = position();
      const match = sticky.exec(text)?.[0];
      if (match !== undefined) offset += match.length;
      return match;
    },
    skip(literal) {
      if (!text.startsWith(literal, position())) return false;
      offset += literal.length;
      return true;
    },
    atEnd: () => position() >= text.length,
    fail(message, at = position()) {
      throw new RequirementSyntaxError(at + 1, message);
    },
  };
}
