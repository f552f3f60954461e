/*
 * A deflate of our own for the headers and padding of a tar: zlib needs 20 µs and a quarter megabyte to begin a stream, thousands of times a
 * layer. One block with the fixed Huffman codes (RFC 1951 section 3.2.6); a byte that repeats becomes a match at distance 1. A header
 * takes some 20 bytes more than from zlib.
 */

/** Bits of a code, first bit lowest, as deflate writes them. */
interface Code {
  readonly bits: number;
  readonly count: number;
}

const shortestRun = 3;
const longestRun = 258;
const endOfBlock = 256;
/** What a stored block of nothing takes at most. */
const emptyBlockBytes = 6;

/** Section 3.2.5: shortest length and number of extra bits of the length codes 257 to 285. */
const lengthCodes: readonly (readonly [shortest: number, extraBits: number])[] = [
  ...Array.from({ length: 8 }, (_, n) => [3 + n, 0] as const),
  ...Array.from({ length: 20 }, (_, n) => {
    const extraBits = 1 + (n >> 2);
    return [(4 + (n & 3)) * 2 ** extraBits + 3, extraBits] as const;
  }),
  [longestRun, 0],
];

const literals = Array.from({ length: 257 }, (_, symbol) => fixedCode(symbol));
/** For a run of each length, the length's code and then that of distance 1, which is five zero bits. */
const runs = Array.from({ length: longestRun + 1 }, (_, length) =>
  length < shortestRun ? undefined : runCode(length),
);

/**
 * The raw deflate stream of some bytes, meant for tar headers; or, when it is not the last, the beginning of a stream that another whole
 * stream may follow. Same bytes, same stream.
 */
export function deflateRuns(bytes: Uint8Array, { isLast }: { readonly isLast: boolean }): Buffer {
  // No literal takes more than nine bits; three bits begin the block and seven end it.
  const packed = Buffer.allocUnsafe(Math.ceil((bytes.length * 9 + 10) / 8) + emptyBlockBytes);
  let filled = 0;
  // Bits that do not fill a byte yet: whether the block is the last, fixed codes.
  let pending = isLast ? 0b011 : 0b010;
  let pendingCount = 3;
  const put = ({ bits, count }: Code) => {
    pending |= bits << pendingCount;
    pendingCount += count;
    for (; pendingCount >= 8; pendingCount -= 8) {
      packed[filled++] = pending;
      pending >>>= 8;
    }
  };
  for (let at = 0; at < bytes.length; ) {
    const byte = bytes[at++]!;
    put(literals[byte]!);
    let run = 0;
    while (at + run < bytes.length && bytes[at + run] === byte) run++;
    for (at += run; run > 0; ) {
      const length = Math.min(run, longestRun);
      const code = runs[length];
      put(code ?? literals[byte]!);
      run -= code === undefined ? 1 : length;
    }
  }
  put(literals[endOfBlock]!);
  // Section 3.2.4: a stored block begins with three zero bits, goes on with a whole byte, and tells its length and the complement.
  if (!isLast) put({ bits: 0, count: 3 });
  if (pendingCount > 0) packed[filled++] = pending;
  if (!isLast) filled = packed.writeUInt32LE(0xffff_0000, filled);
  return packed.subarray(0, filled);
}

/** Section 3.2.6, the table of literal and length values. */
function fixedCode(symbol: number): Code {
  if (symbol < 144) return huffmanCode(0b0011_0000 + symbol, 8);
  if (symbol < 256) return huffmanCode(0b1_1001_0000 + symbol - 144, 9);
  if (symbol < 280) return huffmanCode(symbol - 256, 7);
  return huffmanCode(0b1100_0000 + symbol - 280, 8);
}

function runCode(length: number): Code {
  const index = lengthCodes.findLastIndex(([shortest]) => shortest <= length);
  const [shortest, extraBits] = lengthCodes[index]!;
  const { bits, count } = fixedCode(257 + index);
  return { bits: bits | ((length - shortest) << count), count: count + extraBits + 5 };
}

/** Huffman codes begin with their highest bit, unlike all else in deflate (section 3.1.1). */
function huffmanCode(value: number, count: number): Code {
  let bits = 0;
  for (let bit = 0; bit < count; bit++) bits |= ((value >> bit) & 1) << (count - 1 - bit);
  return { bits, count };
}
