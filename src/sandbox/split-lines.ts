import { StringDecoder } from 'node:string_decoder';

export interface LineSplitter {
  take(bytes: Buffer): void;
  /** Tells the last line, when it had no line break. */
  end(): void;
}

const maxLineLength = 16 * 1024;

/** Cuts output into lines as it comes, whole characters and at most 16384 of them a line; `\r\n` and `\r` break lines too. */
export function createLineSplitter(onLine: (line: string) => void): LineSplitter {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const take = (text: string) => {
    const lines = (rest + text).split(/\r?\n|\r(?!$)/);
    rest = lines.pop()!;
    for (const line of lines) onLine(line.slice(0, maxLineLength));
    if (rest.length <= maxLineLength) return;
    onLine(rest.slice(0, maxLineLength));
    rest = rest.slice(maxLineLength);
  };
  return {
    take: (bytes) => take(decoder.write(bytes)),
    end() {
      take(decoder.end());
      if (rest !== '') onLine(rest.replace(/\r$/, ''));
      rest = '';
    },
  };
}
