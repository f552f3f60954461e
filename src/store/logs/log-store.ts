import type { Readable } from 'node:stream';

/** Whole lines of a log, as they stand there. Offsets count bytes from the beginning of the log. */
export interface LogPart {
  /** Without their line ends. */
  readonly lines: readonly string[];
  /** Where the first line begins. */
  readonly from: number;
  /** Where the line after the last one begins or will begin. */
  readonly to: number;
  /** Nothing that can be read stood after `to`. */
  readonly isAtEnd: boolean;
}

export interface LogRange {
  /** Within a line, that line is left out. Past the end, there is nothing until the log is that long. */
  readonly from: number;
  /** A line that is longer is given all the same; 256 KiB when absent. */
  readonly maxBytes?: number;
  /** See `LogEnd`. */
  readonly isEnded?: boolean;
}

/** Whether anybody still writes. A last line without its end is held back as long as somebody may write the rest of it. */
export interface LogEnd {
  readonly isEnded?: boolean;
}

export interface LogWriterOptions {
  /** What must never be stored, see `createRedactor`. */
  readonly secrets?: readonly string[];
}

/** How much went through a writer. */
export interface LogTotals {
  readonly lines: number;
  /** Of these, lines that found no room. */
  readonly droppedLines: number;
}

export interface LogWriter {
  /**
   * Adds a line, or several when the text has line ends in it. Readers see it within about 100 ms. Never fails: a disk that fails is told
   * by `end`, and what is added after `end` is dropped.
   */
  write(line: string): void;
  /** Waits until all lines are on the disk and closes; must be called once, may be called again. Throws `disk-full`. */
  end(): Promise<LogTotals>;
}

/** The bytes of a log up to where it ended when it was opened. */
export interface LogContent {
  readonly sizeBytes: number;
  readonly content: Readable;
}

/**
 * Port: the logs of jobs. The log of a job is the lines of its attempts, one attempt after the other. When an attempt begins, the earlier
 * ones are sealed: what their writers add later is not part of the log, so that an offset always means the same place. A job of which
 * nothing was written has an empty log.
 */
export interface LogStore {
  /**
   * Begins an attempt, counted from 1, or goes on with it. Throws `conflict` when a later attempt has begun, and `disk-full`.
   */
  openWriter(jobId: string, attempt: number, options?: LogWriterOptions): Promise<LogWriter>;
  /** The last lines, at most 10 000; fewer when they are very long. Takes the same time however long the log is. */
  tail(jobId: string, lines: number, end?: LogEnd): Promise<LogPart>;
  read(jobId: string, range: LogRange): Promise<LogPart>;
  stream(jobId: string): Promise<LogContent>;
  /** Forgets a log, if there is one; of a job that nobody works on any more. */
  delete(jobId: string): Promise<void>;
  /** Calls when a writer of this process has stored something, not for those of other processes; what it gives ends that. */
  watch(jobId: string, onChange: () => void): () => void;
}
