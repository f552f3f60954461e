import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { BuilderError } from '../../errors.ts';
import { makeDirectory } from '../../registry/blobs/durable-files.ts';
import { say } from '../../sentence.ts';
import { attemptFile, beginAttempt, listAttempts } from './attempt-files.ts';
import { openLogBytes } from './log-bytes.ts';
import type { LogStore, LogWriter } from './log-store.ts';
import { asDiskError, createLogWriter } from './log-writer.ts';
import { readLines, tailLines } from './read-lines.ts';
import { createRedactor } from './redactor.ts';
import { createWatchers } from './watchers.ts';

const maxTailLines = 10_000;

export interface DiskLogOptions {
  /** How much is kept of one job, 1 GiB when absent; the line that says so comes on top. */
  readonly maxJobBytes?: number;
}

/**
 * Opens a `LogStore` in a directory, made when it is missing: `<directory>/<first 2 characters of the job>/<job>/<attempt>.log`. Several
 * processes may use one directory.
 */
export async function openDiskLogStore(
  directory: string,
  { maxJobBytes = 1024 ** 3 }: DiskLogOptions = {},
): Promise<LogStore> {
  await makeDirectory(directory);
  const watchers = createWatchers();
  const openLog = (jobId: string) => openLogBytes(jobDirectory(directory, jobId));
  return {
    async openWriter(jobId, attempt, { secrets = [] } = {}) {
      const notify = () => watchers.notify(jobId);
      const job = jobDirectory(directory, jobId);
      await refuseOvertaken(job, jobId, attempt);
      try {
        return await openAttempt(job, attempt, { secrets, maxJobBytes, onStored: notify });
      } catch (error) {
        throw asDiskError(error);
      } finally {
        // A last line without its end has one from now on.
        notify();
      }
    },
    tail: async (jobId, lines, end) => tailLines(await openLog(jobId), Math.min(lines, maxTailLines), end),
    read: async (jobId, range) => readLines(await openLog(jobId), range),
    async stream(jobId) {
      const log = await openLog(jobId);
      return { sizeBytes: log.sizeBytes, content: Readable.from(log.readAll(), { objectMode: false }) };
    },
    delete: (jobId) => rm(jobDirectory(directory, jobId), { recursive: true, force: true }),
    watch: watchers.watch,
  };
}

function jobDirectory(directory: string, jobId: string): string {
  if (!/^[a-z0-9][a-z0-9-]{3,63}$/i.test(jobId)) {
    throw new BuilderError('not-found', say`There is no job ${JSON.stringify(jobId.slice(0, 64))}`);
  }
  return join(directory, jobId.slice(0, 2), jobId);
}

async function refuseOvertaken(job: string, jobId: string, attempt: number): Promise<void> {
  const latest = (await listAttempts(job)).at(-1);
  if (latest === undefined || latest <= attempt) return;
  throw new BuilderError('conflict', say`Attempt ${attempt} of job ${jobId} is over: attempt ${latest} has begun`);
}

interface AttemptOptions {
  readonly secrets: readonly string[];
  readonly maxJobBytes: number;
  readonly onStored: () => void;
}

async function openAttempt(
  job: string,
  attempt: number,
  { secrets, maxJobBytes, onStored }: AttemptOptions,
): Promise<LogWriter> {
  await beginAttempt(job, attempt);
  const log = await openLogBytes(job);
  const handle = await open(attemptFile(job, attempt), 'a', 0o600);
  try {
    // Of this attempt itself, when it goes on after a crash.
    if (log.sizeBytes > 0 && (await log.read(log.sizeBytes - 1, log.sizeBytes))[0] !== 0x0a) await handle.write('\n');
  } catch (error) {
    await handle.close();
    throw error;
  }
  return createLogWriter({
    handle,
    redactor: createRedactor(secrets),
    roomBytes: maxJobBytes - log.sizeBytes,
    maxBytes: maxJobBytes,
    onStored,
  });
}
