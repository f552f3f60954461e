/*
 * bzip2, unpacked block by block, so that no more than one block (900 000 bytes) and its table are in memory. There is no written
 * standard: this follows the format as Julian Seward's bzip2 1.0.8 reads it. A stream is
 *
 *   "BZh" level ─ [magic · crc · origin · symbols in use · selectors · code lengths · codes …]* ─ end magic · crc
 *
 * with nothing aligned to bytes but its beginning; several streams may follow one another. A block's codes give runs and positions in a
 * move-to-front list, those the last column of the sorted rotations (Burrows–Wheeler), and that the text, in which a fifth byte after
 * four equal ones counts further repetitions.
 */

/** Something is not as the format asks; the message is a clause: `a checksum is wrong`. */
export class Bzip2Error extends Error {
  override readonly name = 'Bzip2Error';
}

const blockMagic = 0x314159265359;
const endMagic = 0x177245385090;
const maxCodeBits = 20;
const groupSymbols = 50;

/** Unpacks bzip2 data of any number of streams; each piece is the text of a block. Throws `Bzip2Error`. */
export async function* unpackBzip2(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const bits = createBitReader(packed);
  try {
    do yield* readStream(bits);
    while (await bits.hasMore());
  } finally {
    await bits.close();
  }
}

async function* readStream(bits: BitReader): AsyncGenerator<Buffer> {
  await bits.fill();
  const level = bits.take(24) === 0x425a68 ? bits.take(8) - 0x30 : 0;
  if (level < 1 || level > 9) throw new Bzip2Error('it is not bzip2 data');
  const table = new Uint32Array(level * 100_000);
  let streamCrc = 0;
  for (;;) {
    // A block takes less than a megabyte packed: once it is at hand nothing of it has to wait.
    await bits.fill();
    const magic = bits.take(24) * 0x1000000 + bits.take(24);
    const crc = bits.take(32);
    if (magic === endMagic) {
      if (crc !== streamCrc) throw new Bzip2Error('the checksum of the whole is wrong');
      bits.align();
      return;
    }
    if (magic !== blockMagic) throw new Bzip2Error('a block does not begin where it should');
    const text = readBlock(bits, table);
    if (crcOf(text) !== crc) throw new Bzip2Error('the checksum of a block is wrong');
    streamCrc = (((streamCrc << 1) | (streamCrc >>> 31)) ^ crc) >>> 0;
    yield text;
  }
}

function readBlock(bits: BitReader, table: Uint32Array): Buffer {
  if (bits.take(1) === 1) throw new Bzip2Error('it is of a kind that is no longer made (randomised)');
  const origin = bits.take(24);
  const length = readColumn(bits, table);
  if (origin >= length) throw new Bzip2Error('a block is malformed');
  return textOf(table, length, origin);
}

/** Fills the low bytes of the table with the last column, and gives its length. */
function readColumn(bits: BitReader, table: Uint32Array): number {
  const symbols = readSymbols(bits);
  const groupCount = bits.take(3);
  if (groupCount < 2 || groupCount > 6) throw new Bzip2Error('a block is malformed');
  const selectors = readSelectors(bits, groupCount);
  const codes = Array.from({ length: groupCount }, () => readCode(bits, symbols.length + 2));
  const endOfBlock = symbols.length + 1;

  let length = 0;
  let run = 0;
  let runWeight = 1;
  let group = 0;
  let left = 0;
  let code = codes[0]!;
  for (;;) {
    if (left === 0) {
      const selected = selectors[group++];
      if (selected === undefined) throw new Bzip2Error('a block is malformed');
      code = codes[selected]!;
      left = groupSymbols;
    }
    left -= 1;
    const symbol = nextSymbol(bits, code);
    if (symbol <= 1) {
      // Runs are counted in a base-two notation with the digits 1 and 2.
      run += runWeight << symbol;
      runWeight <<= 1;
      if (run > table.length) throw new Bzip2Error('a block is too long');
      continue;
    }
    if (run > 0) {
      if (length + run > table.length) throw new Bzip2Error('a block is too long');
      table.fill(symbols[0]!, length, length + run);
      length += run;
      run = 0;
      runWeight = 1;
    }
    if (symbol === endOfBlock) return length;
    if (length === table.length) throw new Bzip2Error('a block is too long');
    const position = symbol - 1;
    const byte = symbols[position]!;
    symbols.copyWithin(1, 0, position);
    symbols[0] = byte;
    table[length++] = byte;
  }
}

/** The bytes in use, ascending: the move-to-front list as it begins. */
function readSymbols(bits: BitReader): Uint8Array {
  const rows = bits.take(16);
  const symbols: number[] = [];
  for (let row = 0; row < 16; row++) {
    if ((rows & (0x8000 >> row)) === 0) continue;
    const columns = bits.take(16);
    for (let column = 0; column < 16; column++) if (columns & (0x8000 >> column)) symbols.push(row * 16 + column);
  }
  if (symbols.length === 0) throw new Bzip2Error('a block is malformed');
  return Uint8Array.from(symbols);
}

/** Which code each fifty symbols use, itself told as positions in a move-to-front list. */
function readSelectors(bits: BitReader, groupCount: number): Uint8Array {
  const selectors = new Uint8Array(bits.take(15));
  const order = Array.from({ length: groupCount }, (_, group) => group);
  for (let at = 0; at < selectors.length; at++) {
    let position = 0;
    while (bits.take(1) === 1) if (++position >= groupCount) throw new Bzip2Error('a block is malformed');
    const [group] = order.splice(position, 1);
    order.unshift(group!);
    selectors[at] = group!;
  }
  return selectors;
}

/** A canonical Huffman code: for each length in bits the last code of it, and what to add to a code to find its symbol. */
interface Code {
  readonly shortest: number;
  readonly limits: Int32Array;
  readonly bases: Int32Array;
  readonly symbols: Uint16Array;
}

function readCode(bits: BitReader, symbolCount: number): Code {
  const lengths = new Uint8Array(symbolCount);
  let length = bits.take(5);
  for (let symbol = 0; symbol < symbolCount; symbol++) {
    for (;;) {
      if (length < 1 || length > maxCodeBits) throw new Bzip2Error('a block is malformed');
      if (bits.take(1) === 0) break;
      length += bits.take(1) === 0 ? 1 : -1;
    }
    lengths[symbol] = length;
  }
  const symbols = new Uint16Array(symbolCount);
  const limits = new Int32Array(maxCodeBits + 1).fill(-1);
  const bases = new Int32Array(maxCodeBits + 1);
  let next = 0;
  let filled = 0;
  for (let count = 1; count <= maxCodeBits; count++) {
    bases[count] = filled - next;
    for (let symbol = 0; symbol < symbolCount; symbol++) {
      if (lengths[symbol] !== count) continue;
      symbols[filled++] = symbol;
      next += 1;
    }
    limits[count] = next - 1;
    next <<= 1;
  }
  return { shortest: lengths.reduce((least, each) => Math.min(least, each), maxCodeBits), limits, bases, symbols };
}

function nextSymbol(bits: BitReader, { shortest, limits, bases, symbols }: Code): number {
  let code = bits.take(shortest);
  for (let count = shortest; count <= maxCodeBits; count++) {
    if (code <= limits[count]!) {
      const symbol = symbols[code + bases[count]!];
      if (symbol === undefined) break;
      return symbol;
    }
    code = (code << 1) | bits.take(1);
  }
  throw new Bzip2Error('a block is malformed');
}

/** The text of the rotations' last column: each of its bytes, in sorted order, leads to the next. */
function textOf(table: Uint32Array, length: number, origin: number): Buffer {
  const starts = new Uint32Array(256);
  for (let at = 0; at < length; at++) starts[table[at]! & 0xff]! += 1;
  for (let byte = 0, sum = 0; byte < 256; byte++) {
    const count = starts[byte]!;
    starts[byte] = sum;
    sum += count;
  }
  for (let at = 0; at < length; at++) {
    const byte = table[at]! & 0xff;
    table[starts[byte]!]! |= at << 8;
    starts[byte]! += 1;
  }
  return withRepetitions(table, length, table[origin]! >>> 8);
}

/** Four equal bytes are followed by one that counts how many more there are. */
function withRepetitions(table: Uint32Array, length: number, first: number): Buffer {
  let text = Buffer.allocUnsafe(length + 65_536);
  let filled = 0;
  let at = first;
  let previous = -1;
  let equal = 0;
  for (let taken = 0; taken < length; taken++) {
    const entry = table[at]!;
    const byte = entry & 0xff;
    at = entry >>> 8;
    if (filled + 256 > text.length) text = Buffer.concat([text, Buffer.allocUnsafe(text.length)]);
    if (equal === 4) {
      text.fill(previous, filled, filled + byte);
      filled += byte;
      equal = 0;
      previous = -1;
      continue;
    }
    equal = byte === previous ? equal + 1 : 1;
    previous = byte;
    text[filled++] = byte;
  }
  return text.subarray(0, filled);
}

/** The checksum of bzip2: the polynomial of CRC-32, highest bit first. */
const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000_0000 ? (crc << 1) ^ 0x04c1_1db7 : crc << 1;
  return crc >>> 0;
});

function crcOf(text: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (let at = 0; at < text.length; at++) crc = (crc << 8) ^ crcTable[(crc >>> 24) ^ text[at]!]!;
  return ~crc >>> 0;
}

/** Gives bits, the highest of a byte first. */
interface BitReader {
  /** Waits until a whole block is at hand, or the end. */
  fill(): Promise<void>;
  /** Of what is at hand: up to 32 bits. Throws at the end. */
  take(count: number): number;
  /** Leaves out the rest of a byte. */
  align(): void;
  hasMore(): Promise<boolean>;
  close(): Promise<void>;
}

/** More than a block of 900 000 bytes can take packed. */
const blockBytes = 1_600_000;

function createBitReader(packed: AsyncIterable<Uint8Array>): BitReader {
  const pieces = packed[Symbol.asyncIterator]();
  let bytes: Buffer = Buffer.alloc(0);
  let at = 0;
  let held = 0;
  let heldBits = 0;

  const fill = async () => {
    const parts: Uint8Array[] = [bytes.subarray(at)];
    let there = bytes.length - at;
    if (there >= blockBytes) return;
    while (there < 2 * blockBytes) {
      const next = await pieces.next();
      if (next.done) break;
      parts.push(next.value);
      there += next.value.length;
    }
    bytes = Buffer.concat(parts);
    at = 0;
  };
  const take = (count: number): number => {
    if (count > 24) return take(count - 16) * 0x10000 + take(16);
    while (heldBits < count) {
      if (at === bytes.length) throw new Bzip2Error('it ends too early');
      held = ((held << 8) | bytes[at++]!) & 0xffff_ffff;
      heldBits += 8;
    }
    heldBits -= count;
    return (held >>> heldBits) & ((1 << count) - 1);
  };
  return {
    fill,
    take,
    align() {
      heldBits -= heldBits % 8;
    },
    async hasMore() {
      await fill();
      return heldBits > 0 || at < bytes.length;
    },
    async close() {
      await pieces.return?.();
    },
  };
}
