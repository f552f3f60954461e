import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { refuseFullDisk } from '../../layers/full-disk.ts';

/*
 * Names on disk, as many as an index has, in a form that is searched where it lies: lines in the order of their bytes,
 *
 *     name ⇥ what it is ⇥ whatever else is kept
 *
 * of which a question reads some blocks to find where those begin that begin as written, and then these. Nothing is held in memory.
 */

/** One line of a list. */
export interface ListedName {
  /** In the one spelling that its ecosystem has for it, ASCII. */
  readonly name: string;
  /** In one line. */
  readonly summary?: string;
  /** Whatever else its writer keeps of it. */
  readonly more?: string;
}

const linesAtOnce = 10_000;
const blockBytes = 4096;
/** No list has more that begins with the same letter. */
const maxReadBytes = 16 * 1024 * 1024;

/** Writes a list, in place of what was there before. Names may come in any order, and more than once. */
export async function writeNameList(file: string, listed: Iterable<ListedName>): Promise<void> {
  const distinct = new Set<string>();
  for (const each of listed) distinct.add(lineOf(each));
  const lines = [...distinct].sort();
  await mkdir(dirname(file), { recursive: true });
  const partial = `${file}.${randomUUID()}.part`;
  try {
    await using opened = await open(partial, 'wx');
    for (let at = 0; at < lines.length; at += linesAtOnce) {
      await opened.write(lines.slice(at, at + linesAtOnce).join('')).catch(refuseFullDisk);
    }
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

function lineOf({ name, summary = '', more = '' }: ListedName): string {
  const columns = [name, ...(summary + more === '' ? [] : [summary]), ...(more === '' ? [] : [more])];
  return `${columns.map((column) => column.replaceAll(/[\t\r\n]+/g, ' ')).join('\t')}\n`;
}

/** A list that is open. */
export interface NameList extends AsyncDisposable {
  /** Those that begin like that, the shortest first and at most so many, and whether these are all. */
  beginning(prefix: string, most: number): Promise<{ readonly found: readonly ListedName[]; readonly isAll: boolean }>;
  find(name: string): Promise<ListedName | undefined>;
}

/** Opens what `writeNameList` wrote; `undefined` when there is none. */
export async function openNameList(file: string): Promise<NameList | undefined> {
  const opened = await open(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  });
  if (opened === undefined) return undefined;
  const between = async (low: Buffer, high: Buffer) => {
    const { size } = await opened.stat();
    const [from, to] = [await firstNotBefore(opened, size, low), await firstNotBefore(opened, size, high)];
    return read(opened, from, Math.min(to - from, maxReadBytes));
  };
  return {
    async beginning(prefix, most) {
      const start = Buffer.from(prefix);
      return shortest(await between(start, Buffer.concat([start, Buffer.from([0xff])])), most);
    },
    async find(name) {
      const lines = await between(Buffer.from(`${name}\t`), Buffer.from(`${name}\t\xff`, 'latin1'));
      const bare =
        lines.length > 0 ? lines : await between(Buffer.from(`${name}\n`), Buffer.from(`${name}\n\xff`, 'latin1'));
      return bare.length === 0 ? undefined : readLine(bare.toString('utf8', 0, bare.indexOf(0x0a)));
    },
    [Symbol.asyncDispose]: () => opened.close(),
  };
}

/** Where the first line begins that does not stand before that. */
async function firstNotBefore(file: FileHandle, size: number, wanted: Buffer): Promise<number> {
  let [low, high] = [0, size];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const line = await lineAround(file, size, middle);
    if (Buffer.compare(line.bytes, wanted) < 0) low = line.end;
    else high = line.start;
  }
  return low;
}

/** The line that a byte belongs to, its line feed included. */
async function lineAround(file: FileHandle, size: number, at: number) {
  for (let reach = blockBytes / 2; ; reach *= 8) {
    const from = Math.max(0, at - reach);
    const block = await read(file, from, Math.min(size, at + reach) - from);
    const before = at === from ? -1 : block.lastIndexOf(0x0a, at - from - 1);
    const behind = block.indexOf(0x0a, at - from);
    const isWhole = (before >= 0 || from === 0) && (behind >= 0 || from + block.length >= size);
    if (!isWhole && reach < maxReadBytes) continue;
    const end = behind < 0 ? block.length : behind + 1;
    return { start: from + before + 1, end: from + end, bytes: block.subarray(before + 1, end) };
  }
}

async function read(file: FileHandle, from: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, from);
  return buffer.subarray(0, bytesRead);
}

/** Of lines in their order; names are as long as their columns, so that few lines become text. */
function shortest(lines: Buffer, most: number): { readonly found: readonly ListedName[]; readonly isAll: boolean } {
  const kept: { readonly length: number; readonly from: number; readonly to: number }[] = [];
  let count = 0;
  for (let from = 0; from < lines.length; ) {
    const feed = lines.indexOf(0x0a, from);
    const to = feed < 0 ? lines.length : feed;
    const length = nameEnd(lines, from, to) - from;
    count += 1;
    if (kept.length < most || length < kept.at(-1)!.length) {
      const at = kept.findLastIndex((each) => each.length <= length) + 1;
      kept.splice(at, 0, { length, from, to });
      if (kept.length > most) kept.pop();
    }
    from = to + 1;
  }
  return { found: kept.map(({ from, to }) => readLine(lines.toString('utf8', from, to))), isAll: count <= most };
}

function nameEnd(lines: Buffer, from: number, to: number): number {
  for (let at = from; at < to; at++) if (lines[at] === 0x09) return at;
  return to;
}

function readLine(line: string): ListedName {
  const [name = '', summary = '', more = ''] = line.split('\t');
  return { name, ...(summary !== '' && { summary }), ...(more !== '' && { more }) };
}
