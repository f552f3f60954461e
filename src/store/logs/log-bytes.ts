import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { attemptFile, type LogSegment, listSegments } from './attempt-files.ts';

/** The bytes of a log as they stood when it was opened. */
export interface LogBytes {
  readonly sizeBytes: number;
  /** Bytes `from` (included) to `to` (excluded); both must be within the log. */
  read(from: number, to: number): Promise<Buffer>;
  readAll(): AsyncGenerator<Uint8Array>;
}

const lineEnd = Buffer.from('\n');
const streamBytes = 256 * 1024;

/** Opens the log whose files are in the directory; it is empty when there is no such directory. */
export async function openLogBytes(directory: string): Promise<LogBytes> {
  const segments = await listSegments(directory);
  return {
    sizeBytes: segments.reduce((sum, segment) => sum + lengthOf(segment), 0),
    async read(from, to) {
      const parts: Buffer[] = [];
      let start = 0;
      for (const segment of segments) {
        const end = start + lengthOf(segment);
        if (start < to && end > from) {
          parts.push(await readSegment(directory, segment, [Math.max(from - start, 0), Math.min(to, end) - start]));
        }
        start = end;
      }
      return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
    },
    async *readAll() {
      for (const { attempt, sizeBytes, isCut } of segments) {
        if (sizeBytes === 0) continue;
        const range = { start: 0, end: sizeBytes - 1, highWaterMark: streamBytes };
        yield* createReadStream(attemptFile(directory, attempt), range) as AsyncIterable<Buffer>;
        if (isCut) yield lineEnd;
      }
    },
  };
}

const lengthOf = ({ sizeBytes, isCut }: LogSegment) => sizeBytes + (isCut ? 1 : 0);

async function readSegment(
  directory: string,
  segment: LogSegment,
  [from, to]: readonly [number, number],
): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(to - from);
  const inFile = Math.min(to, segment.sizeBytes) - from;
  if (inFile > 0) await readFully(attemptFile(directory, segment.attempt), bytes.subarray(0, inFile), from);
  if (to > segment.sizeBytes) bytes[to - from - 1] = lineEnd[0]!;
  return bytes;
}

async function readFully(path: string, into: Buffer, position: number): Promise<void> {
  const handle = await open(path, 'r');
  try {
    for (let done = 0; done < into.length; ) {
      const { bytesRead } = await handle.read(into, done, into.length - done, position + done);
      if (bytesRead === 0) throw new Error(`${path} is shorter than it was: ${position + done} bytes`);
      done += bytesRead;
    }
  } finally {
    await handle.close();
  }
}
