import type { FileHandle } from 'node:fs/promises';
import { BuilderError } from '../../errors.ts';
import { isSystemError } from '../../registry/blobs/durable-files.ts';
import { say } from '../../sentence.ts';
import { lineEnds, maxRawLineChars } from './line-splitter.ts';
import type { LogWriter } from './log-store.ts';
import { cutLongLine, escapeControls } from './printable-line.ts';
import type { Redactor } from './redactor.ts';

const flushAfterMs = 100;
const flushAtBytes = 64 * 1024;

export interface LogFile {
  /** Open for appending; the writer closes it. */
  readonly handle: FileHandle;
  readonly redactor: Redactor;
  /** Bytes that may still be added. */
  readonly roomBytes: number;
  /** What the log may hold, for the line that says it is full. */
  readonly maxBytes: number;
  readonly onStored: () => void;
}

/** A `LogWriter` to a file. */
export function createLogWriter({ handle, redactor, roomBytes, maxBytes, onStored }: LogFile): LogWriter {
  const file = createBufferedFile(handle, onStored);
  let room = roomBytes;
  let lines = 0;
  let droppedLines = 0;
  let ended: Promise<void> | undefined;

  const add = (line: string) => {
    lines++;
    const stored = `${cutLongLine(escapeControls(line))}\n`;
    const sizeBytes = Buffer.byteLength(stored);
    if (droppedLines === 0 && sizeBytes <= room) {
      room -= sizeBytes;
      file.add(stored, sizeBytes);
      return;
    }
    droppedLines++;
    if (droppedLines > 1) return;
    const note = `[the log is full: it holds ${maxBytes} bytes, and lines from here on are not kept]\n`;
    file.add(note, note.length);
  };

  return {
    write(text) {
      if (ended !== undefined) return;
      // Line by line: a secret of several lines is known by its lines.
      for (const line of text.replace(/\r?\n$/, '').split(lineEnds)) {
        // Nothing more is looked at once the log is full, however much comes.
        if (droppedLines === 0) add(redactor.redact(line.slice(0, maxRawLineChars)));
        else add('');
      }
    },
    async end() {
      ended ??= file.end();
      await ended;
      return { lines, droppedLines };
    },
  };
}

/** Writes in order, at the latest 100 ms after it was given something, in pieces of some 64 KiB. */
function createBufferedFile(handle: FileHandle, onStored: () => void) {
  let buffered: string[] = [];
  let bufferedBytes = 0;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;
  let failure: unknown;

  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    writing ??= writeAll().finally(() => {
      writing = undefined;
      if (buffered.length > 0) void flush();
    });
    return writing;
  };
  const writeAll = async () => {
    while (buffered.length > 0) {
      const bytes = Buffer.from(buffered.join(''));
      buffered = [];
      bufferedBytes = 0;
      // What follows a hole would only mislead.
      if (failure !== undefined) return;
      try {
        await writeFully(handle, bytes);
        onStored();
      } catch (error) {
        failure = error;
      }
    }
  };

  return {
    add(text: string, sizeBytes: number) {
      buffered.push(text);
      bufferedBytes += sizeBytes;
      if (bufferedBytes >= flushAtBytes) void flush();
      else timer ??= setTimeout(flush, flushAfterMs);
    },
    async end() {
      // Lines may have been added while the last piece was being written.
      while (buffered.length > 0 || writing !== undefined) await flush();
      clearTimeout(timer);
      try {
        if (failure !== undefined) throw failure;
        await handle.sync();
      } catch (error) {
        throw asDiskError(error);
      } finally {
        await handle.close();
      }
    },
  };
}

async function writeFully(handle: FileHandle, bytes: Buffer): Promise<void> {
  for (let done = 0; done < bytes.length; ) done += (await handle.write(bytes, done)).bytesWritten;
}

/** A full disk becomes `disk-full`; other errors stay what they are. */
export function asDiskError(error: unknown): unknown {
  if (!isSystemError(error, 'ENOSPC', 'EDQUOT')) return error;
  return new BuilderError('disk-full', say`The disk that holds the logs of jobs is full`, {
    cause: error,
    hint: say`Free some space under the data directory, then try again.`,
  });
}
