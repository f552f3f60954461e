import { StringDecoder } from 'node:string_decoder';

/** Of a longer line nobody looks at the rest: it is cut much earlier when it is stored. */
export const maxRawLineChars = 256 * 1024;

export interface LineSplitter {
  /** Takes the next piece, however the text was divided: within a line, within a character. */
  add(chunk: Uint8Array | string): void;
  /** Gives the last line, if it had no end. */
  end(): void;
}

/**
 * Assembles lines from pieces of text. A line ends with `\n`, `\r\n` or `\r`, as programs that draw a progress bar end it; `onLine` gets it
 * without its end.
 */
export function createLineSplitter(onLine: (line: string) => void): LineSplitter {
  const decoder = new StringDecoder('utf8');
  let pieces: string[] = [];
  let pendingChars = 0;
  let endsWithReturn = false;

  const hold = (piece: string) => {
    if (piece === '' || pendingChars >= maxRawLineChars) return;
    pieces.push(piece.slice(0, maxRawLineChars - pendingChars));
    pendingChars += piece.length;
  };
  const complete = () => {
    const line = pieces.join('');
    pieces = [];
    pendingChars = 0;
    onLine(line);
  };
  const take = (text: string) => {
    if (text === '') return;
    // The first half of a `\r\n` has ended the line already.
    const rest = endsWithReturn && text.startsWith('\n') ? text.slice(1) : text;
    endsWithReturn = text.endsWith('\r');
    const parts = rest.split(lineEnds);
    for (const [index, part] of parts.entries()) {
      hold(part);
      if (index < parts.length - 1) complete();
    }
  };

  return {
    add: (chunk) => take(typeof chunk === 'string' ? chunk : decoder.write(chunk as Buffer)),
    end() {
      take(decoder.end());
      if (pendingChars > 0) complete();
    },
  };
}

/** What ends a line, for `split`. */
export const lineEnds = /\r\n|\n|\r/;
