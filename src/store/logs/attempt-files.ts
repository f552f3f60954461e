import { randomUUID } from 'node:crypto';
import { link, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ignoreMissing, makeDirectory, syncDirectory } from '../../registry/blobs/durable-files.ts';

/*
 * A job's directory:
 *
 *   1.log            lines of the first attempt, only ever appended to
 *   2.log            its being there says that attempt 2 has begun
 *   2.earlier.json   which parts of earlier files come before 2.log: [{"attempt":1,"sizeBytes":5120,"isCut":false}]
 *
 *   the log  =  1.log[0..5120)  2.log
 *
 * A writer that was stopped for a while does not know that its attempt is over and appends to 1.log all the same, at any moment. Two rules
 * keep offsets what they are:
 *
 * - 2.log is made before the size of 1.log is taken. A reader that has taken the size of the last file and then finds no later one has
 *   therefore seen no more of it than will be sealed.
 * - 2.earlier.json appears whole and once: whoever first misses it makes it, be it a writer or a reader, and all others take what stands
 *   there. It names files, so a 1.log that is made too late is not part of the log either.
 *
 * A sealed file whose last line has no end (`isCut`: its writer was killed) gets one when it is read, as nothing can be appended to a file
 * to which others may append.
 */

/** A part of the log that comes from one file. */
export interface LogSegment {
  readonly attempt: number;
  /** Bytes of the file that count. */
  readonly sizeBytes: number;
  /** A line end follows that is not in the file. */
  readonly isCut: boolean;
}

/** `<directory>/2.log` */
export function attemptFile(directory: string, attempt: number): string {
  return join(directory, `${attempt}.log`);
}

/** Attempts that have begun, in order. */
export async function listAttempts(directory: string): Promise<readonly number[]> {
  const names = (await readdir(directory).catch(ignoreMissing)) ?? [];
  return names
    .flatMap((name) => /^([1-9]\d*)\.log$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

/** Makes the file of an attempt and seals those before it. */
export async function beginAttempt(directory: string, attempt: number): Promise<void> {
  await makeDirectory(directory);
  await (await open(attemptFile(directory, attempt), 'a', 0o600)).close();
  await syncDirectory(directory);
  await earlierSegments(directory, attempt);
}

/** Of what the log consists at this moment; the last part is the only one that may grow. What `sizeOf` tells may be old by the next line. */
export async function listSegments(directory: string, sizeOf = fileSize): Promise<readonly LogSegment[]> {
  for (;;) {
    const attempt = (await listAttempts(directory)).at(-1);
    if (attempt === undefined) return [];
    const earlier = await earlierSegments(directory, attempt);
    const sizeBytes = await sizeOf(attemptFile(directory, attempt));
    const latest = (await listAttempts(directory)).at(-1);
    if (latest === attempt) return [...earlier, { attempt, sizeBytes, isCut: false }];
  }
}

async function fileSize(path: string): Promise<number> {
  return (await stat(path)).size;
}

/** What comes before an attempt that has begun. */
async function earlierSegments(directory: string, attempt: number): Promise<readonly LogSegment[]> {
  if (attempt === 1) return [];
  const record = join(directory, `${attempt}.earlier.json`);
  const known = await readFile(record, 'utf8').catch(ignoreMissing);
  if (known !== undefined) return JSON.parse(known);
  const before = (await listAttempts(directory)).filter((each) => each < attempt).at(-1);
  const segments =
    before === undefined ? [] : [...(await earlierSegments(directory, before)), await sealedSegment(directory, before)];
  await recordOnce(record, JSON.stringify(segments));
  await syncDirectory(directory);
  return JSON.parse(await readFile(record, 'utf8'));
}

async function sealedSegment(directory: string, attempt: number): Promise<LogSegment> {
  const handle = await open(attemptFile(directory, attempt), 'r+');
  try {
    const { size } = await handle.stat();
    // A size on record must be the size of bytes that survive.
    await handle.datasync();
    const last = Buffer.alloc(1);
    if (size > 0) await handle.read(last, 0, 1, size - 1);
    return { attempt, sizeBytes: size, isCut: size > 0 && last[0] !== 0x0a };
  } finally {
    await handle.close();
  }
}

/** Makes a file unless it is there already. */
async function recordOnce(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
    await link(draft, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  } finally {
    await handle.close();
    await rm(draft, { force: true });
  }
}
