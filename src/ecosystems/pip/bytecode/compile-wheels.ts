import { randomUUID } from 'node:crypto';
import { copyFile, link, mkdir, open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BuilderError } from '../../../errors.ts';
import { refuseFullDisk } from '../../../layers/full-disk.ts';
import type { LockedPython } from '../../../lock/lock.ts';
import type { ChangedEntry, Room, RoomLimits } from '../../../sandbox/sandbox.ts';
import { quoted, type Sentence, say } from '../../../sentence.ts';
import type { WheelFile } from '../wheel-files.ts';
import { cacheTagOf } from '../wheel-modules.ts';
import { type CompileOrder, compileScript, inputDirectory, orderName, outputDirectory } from './compile-script.ts';

/** A wheel whose modules are to be compiled, and where the archive of what comes of it goes. */
export interface WheelToCompile {
  readonly title: string;
  readonly file: string;
  readonly modules: readonly WheelFile[];
  /** Must not exist. */
  readonly archive: string;
}

export interface CompileOptions {
  readonly room: Room;
  readonly python: Pick<LockedPython, 'executable' | 'version'>;
  /** The base's own environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly cacheDir: string;
  readonly limits: RoomLimits;
  readonly signal: AbortSignal;
}

/** Lets the Python of a room compile modules (PEP 552, unchecked hashes). Throws `build-failed`, and what the limits throw. */
export async function compileWheels(wheels: readonly WheelToCompile[], options: CompileOptions): Promise<void> {
  const { room, python, limits, signal } = options;
  await using shown = await show(wheels, options);
  const lines: string[] = [];
  // Python's own variables of the base could change what comes out; isolated, it would not take the seed either.
  const env = Object.fromEntries(Object.entries(options.env).filter(([name]) => !name.startsWith('PYTHON')));
  const { exitCode } = await room.run({
    argv: [python.executable, '-s', '-S', '-B', '-c', compileScript, `${inputDirectory}/${orderName}`],
    env: { ...env, PYTHONHASHSEED: '0' },
    mounts: { [inputDirectory]: { from: shown.directory } },
    limits,
    signal,
    onLine: (line) => void lines.push(line.slice(0, 500)),
  });
  if (exitCode !== 0)
    throw notCompiled(lines.length > 0 ? quoted(lines.at(-1)!) : say`its Python ended with ${exitCode}`);
  const awaited = new Map(wheels.map(({ archive }, index) => [`${outputDirectory}/${index}.zip`, archive]));
  for await (const entry of (await room.changes()).entries()) {
    const archive = awaited.get(entry.path);
    if (archive === undefined || entry.header.type !== 'file') continue;
    awaited.delete(entry.path);
    await save(entry, archive);
  }
  if (awaited.size > 0) throw notCompiled(say`its Python ended without a result`);
}

/** Shows the wheels and the order by numbers. */
async function show(wheels: readonly WheelToCompile[], { cacheDir, python }: CompileOptions) {
  const directory = join(cacheDir, 'tmp', `compile-${randomUUID()}`);
  await mkdir(directory, { recursive: true });
  for (const [index, { file }] of wheels.entries()) {
    const to = join(directory, `${index}.whl`);
    await link(file, to).catch(() => copyFile(file, to));
  }
  const order: CompileOrder = {
    cacheTag: cacheTagOf(python),
    wheels: wheels.map(({ title, modules }, index) => ({
      title,
      file: `${inputDirectory}/${index}.whl`,
      archive: `${outputDirectory}/${index}.zip`,
      modules: modules.map(({ member, path }) => [member.name, path] as const),
    })),
  };
  await writeFile(join(directory, orderName), JSON.stringify(order));
  return { directory, [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }) };
}

async function save(entry: ChangedEntry, file: string): Promise<void> {
  await using handle = await open(file, 'wx').catch(refuseFullDisk);
  for await (const bytes of entry.chunks()) await handle.writeFile(bytes).catch(refuseFullDisk);
}

function notCompiled(why: Sentence): BuilderError {
  return new BuilderError('build-failed', say`The bytecode of the pip packages cannot be compiled: ${why}`, {
    hint: say`Build without compileBytecode; Python then compiles modules when they are first imported.`,
  });
}
