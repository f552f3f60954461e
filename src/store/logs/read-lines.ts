import type { LogBytes } from './log-bytes.ts';
import type { LogEnd, LogPart, LogRange } from './log-store.ts';

const newline = 0x0a;
const defaultMaxBytes = 256 * 1024;
const tailChunkBytes = 256 * 1024;
/** However long its lines are, no tail is larger. */
const maxTailBytes = 8 * 1024 * 1024;

/** The whole lines of a range, see `LogStore.read`. */
export async function readLines(
  log: LogBytes,
  { from, maxBytes = defaultMaxBytes, isEnded = false }: LogRange,
): Promise<LogPart> {
  if (from >= log.sizeBytes) return { lines: [], from, to: from, isAtEnd: true };
  // The byte before tells whether a line begins here.
  const begin = Math.max(from - 1, 0);
  for (let wanted = maxBytes; ; wanted *= 2) {
    const until = Math.min(from + wanted, log.sizeBytes);
    const bytes = await log.read(begin, until);
    const isAtEnd = until === log.sizeBytes;
    const first = from === 0 ? 0 : bytes.indexOf(newline) + 1;
    const last = isAtEnd && isEnded ? bytes.length : bytes.lastIndexOf(newline) + 1;
    const hasFirst = from === 0 || first > 0;
    if (hasFirst && last > first) return partOf(bytes.subarray(first, last), { from: begin + first, isAtEnd });
    if (isAtEnd) return { lines: [], from, to: from, isAtEnd };
  }
}

/** The last lines, found from the end, see `LogStore.tail`. */
export async function tailLines(log: LogBytes, count: number, { isEnded = false }: LogEnd = {}): Promise<LogPart> {
  const chunks: Buffer[] = [];
  let begin = log.sizeBytes;
  // One line end more than lines tells where the first one begins, and one more ends what precedes a line that has none yet.
  for (let missing = count + 2; begin > 0 && missing > 0 && log.sizeBytes - begin < maxTailBytes; ) {
    const from = Math.max(begin - tailChunkBytes, 0);
    const chunk = await log.read(from, begin);
    missing -= countLineEnds(chunk);
    chunks.unshift(chunk);
    begin = from;
  }
  const bytes = Buffer.concat(chunks);
  const last = isEnded ? bytes.length : bytes.lastIndexOf(newline) + 1;
  const first = beginningOfLast(bytes, { count, end: last, isWhole: begin === 0 });
  return partOf(bytes.subarray(first, last), { from: begin + first, isAtEnd: true });
}

function countLineEnds(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(newline); at !== -1; at = bytes.indexOf(newline, at + 1)) count++;
  return count;
}

interface LastLines {
  readonly count: number;
  readonly end: number;
  /** Nothing precedes the bytes. */
  readonly isWhole: boolean;
}

/** Where the last `count` lines before `end` begin, or as many as there are. */
function beginningOfLast(bytes: Buffer, { count, end, isWhole }: LastLines): number {
  let first = end;
  for (let lines = 0; lines < count && first > 0; lines++) {
    // A negative position would count from the end.
    const before = first < 2 ? -1 : bytes.lastIndexOf(newline, first - 2);
    if (before === -1) return isWhole ? 0 : first;
    first = before + 1;
  }
  return first;
}

function partOf(bytes: Buffer, { from, isAtEnd }: Pick<LogPart, 'from' | 'isAtEnd'>): LogPart {
  const to = from + bytes.length;
  if (bytes.length === 0) return { lines: [], from, to, isAtEnd };
  const text = bytes.toString('utf8', 0, bytes.at(-1) === newline ? bytes.length - 1 : bytes.length);
  return { lines: text.split('\n'), from, to, isAtEnd };
}
