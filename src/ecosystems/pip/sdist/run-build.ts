import { randomUUID } from 'node:crypto';
import { copyFile, link, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BuilderError } from '../../../errors.ts';
import { refuseFullDisk } from '../../../layers/full-disk.ts';
import { fixedMtime } from '../../../layers/tar-header.ts';
import type { LockedFile, LockedPython } from '../../../lock/lock.ts';
import { isObject } from '../../../oci/manifest.ts';
import type { ChangedEntry, Room, RoomLimits } from '../../../sandbox/sandbox.ts';
import { say } from '../../../sentence.ts';
import { explainBuildFailure } from './build-failure.ts';
import { type BuildOrder, buildScript, inputDirectory, workDirectory } from './build-script.ts';
import type { BuildSystem } from './build-system.ts';

/** A source archive and all that stands beside it in the room, as files on this machine. */
export interface BuildInputs {
  readonly title: string;
  readonly source: { readonly file: string; readonly filename: string };
  readonly wheels: readonly (Pick<LockedFile, 'filename'> & { readonly file: string })[];
  readonly system: BuildSystem;
  readonly python: Pick<LockedPython, 'executable'>;
  /** The base's own environment. */
  readonly env: Readonly<Record<string, string>>;
  /** True where the missing can be had by apt. */
  readonly hasApt: boolean;
}

export interface BuildRunOptions {
  readonly room: Room;
  readonly cacheDir: string;
  readonly limits: RoomLimits;
  readonly signal: AbortSignal;
  readonly onLine?: (line: string) => void;
}

/** What a source says of itself: either what its build needs besides, or what it is (core metadata). */
export type SourceDescription = { readonly requires: readonly string[] } | { readonly metadata: string };

const maxAnswerBytes = 8 * 1024 * 1024;

/** Asks a source what it is. Throws `build-failed` with the cause, and what the limits throw. */
export async function describeSource(
  inputs: BuildInputs,
  options: BuildRunOptions & { readonly isComplete: boolean },
): Promise<SourceDescription> {
  const answer = await run(inputs, { ...options, goal: 'describe' });
  const { requires, metadata } = answer;
  if (typeof metadata === 'string') return { metadata };
  if (Array.isArray(requires) && requires.every((each) => typeof each === 'string')) return { requires };
  throw unexpectedAnswer(inputs.title);
}

/** Builds a wheel into the file, and gives its name. Throws `build-failed` with the cause, and what the limits throw. */
export async function buildWheel(inputs: BuildInputs, file: string, options: BuildRunOptions): Promise<string> {
  const { wheel } = await run(inputs, { ...options, goal: 'build', isComplete: true });
  if (typeof wheel !== 'string') throw unexpectedAnswer(inputs.title);
  for await (const entry of leftIn(options.room)) {
    if (entry.path !== `${workDirectory}/out/${wheel}` || entry.header.type !== 'file') continue;
    await save(entry, file);
    return wheel;
  }
  throw unexpectedAnswer(inputs.title);
}

async function run(
  inputs: BuildInputs,
  {
    room,
    cacheDir,
    limits,
    signal,
    onLine,
    goal,
    isComplete,
  }: BuildRunOptions & Pick<BuildOrder, 'goal' | 'isComplete'>,
): Promise<Readonly<Record<string, unknown>>> {
  await using shown = await show(inputs, cacheDir);
  const order: BuildOrder = {
    work: workDirectory,
    source: `${inputDirectory}/${inputs.source.filename}`,
    wheels: inputs.wheels.map(({ filename }) => `${inputDirectory}/${filename}`),
    backend: inputs.system.backend,
    backendPath: inputs.system.backendPath,
    goal,
    isComplete,
    epochSeconds: fixedMtime,
  };
  const lines: string[] = [];
  const { exitCode } = await room.run({
    argv: [inputs.python.executable, '-I', '-c', buildScript, JSON.stringify(order)],
    env: inputs.env,
    mounts: { [inputDirectory]: { from: shown.directory } },
    limits,
    signal,
    onLine(line) {
      if (lines.push(line) > keptLines) lines.shift();
      onLine?.(line);
    },
  });
  if (exitCode !== 0) {
    const { title, hasApt } = inputs;
    throw explainBuildFailure({ title, lines, exitCode, hasApt, isShown: onLine !== undefined });
  }
  for await (const entry of leftIn(room)) {
    if (entry.path !== `${workDirectory}/out/answer.json` || entry.header.sizeBytes > maxAnswerBytes) continue;
    return parseAnswer(await entry.read(maxAnswerBytes), inputs.title);
  }
  throw unexpectedAnswer(inputs.title);
}

/** Lines from the end in which the cause is looked for. */
const keptLines = 2000;

async function* leftIn(room: Room): AsyncGenerator<ChangedEntry> {
  yield* (await room.changes()).entries();
}

function parseAnswer(bytes: Buffer, title: string): Readonly<Record<string, unknown>> {
  try {
    const answer: unknown = JSON.parse(bytes.toString('utf8'));
    if (isObject(answer)) return answer;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw unexpectedAnswer(title);
}

/** Shows exactly the files that the build is given, by the names that the index has for them. */
async function show({ source, wheels }: BuildInputs, cacheDir: string) {
  const directory = join(cacheDir, 'tmp', `build-${randomUUID()}`);
  await mkdir(directory, { recursive: true });
  for (const { file, filename } of [source, ...wheels]) {
    const to = join(directory, filename);
    await link(file, to).catch(() => copyFile(file, to));
  }
  return { directory, [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }) };
}

async function save(entry: ChangedEntry, file: string): Promise<void> {
  await using handle = await open(file, 'wx').catch(refuseFullDisk);
  for await (const bytes of entry.chunks()) await handle.writeFile(bytes).catch(refuseFullDisk);
}

/** For a build that ended well without giving what it was run for. */
export function unexpectedAnswer(title: string): BuilderError {
  return new BuilderError('build-failed', say`${title} ended its build without an error, but also without a result`, {
    hint: say`Take another version of the package, or tell its makers.`,
  });
}
