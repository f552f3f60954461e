import { type Sentence, say } from '../sentence.ts';
/** Size of a tar header, and what bodies are padded to. */
export const blockSize = 512;

/** A header block as it is written, before long names and PAX records are applied. */
export interface TarBlock {
  readonly path: string;
  readonly linkPath: string;
  /** The type flag, one character: `0` file, `5` directory, `x` PAX records, … */
  readonly flag: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly sizeBytes: number;
  readonly mtimeSeconds: number;
}

/** Why a block or record is no tar; the reader says where. */
export class TarFormatError extends Error {
  declare readonly message: Sentence;

  constructor(message: Sentence) {
    super(message);
  }
}

/** Reads one 512-byte header: ustar, star, old GNU or V7. Throws `TarFormatError`. */
export function parseTarBlock(block: Buffer): TarBlock {
  verifyChecksum(block);
  const name = textField(block, 0, 100);
  const prefix = prefixOf(block);
  return {
    path: prefix === '' ? name : `${prefix}/${name}`,
    linkPath: textField(block, 157, 100),
    flag: String.fromCharCode(block[156]!),
    mode: numberField(block, 100, 8) & 0o7777,
    uid: numberField(block, 108, 8),
    gid: numberField(block, 116, 8),
    sizeBytes: sizeField(block),
    mtimeSeconds: numberField(block, 136, 12),
  };
}

const zeroBlock = Buffer.alloc(blockSize);

/** True for a block of the archive's end. */
export function isZeroBlock(block: Buffer): boolean {
  return block[0] === 0 && block.equals(zeroBlock);
}

/** The sum of all bytes with the checksum field as spaces; old writers summed signed bytes. */
function verifyChecksum(block: Buffer): void {
  const written = numberField(block, 148, 8);
  let unsigned = 8 * 32;
  let high = 0;
  for (let i = 0; i < blockSize; i++) {
    if (i >= 148 && i < 156) continue;
    const byte = block[i]!;
    unsigned += byte;
    high += byte >> 7;
  }
  if (written !== unsigned && written !== unsigned - 256 * high)
    throw new TarFormatError(say`the checksum does not match`);
}

/** POSIX ustar has a prefix of 155 bytes, star one of 131; old GNU keeps times in its place, V7 nothing. */
function prefixOf(block: Buffer): string {
  if (block.toString('latin1', 257, 265) !== 'ustar\x0000') return '';
  return textField(block, 345, block.toString('latin1', 508, 512) === 'tar\0' ? 131 : 155);
}

function textField(block: Buffer, start: number, size: number): string {
  const nul = block.indexOf(0, start);
  return block.toString('utf8', start, nul < 0 || nul > start + size ? start + size : nul);
}

function sizeField(block: Buffer): number {
  const size = numberField(block, 124, 12);
  if (size < 0) throw new TarFormatError(say`the size is negative`);
  return size;
}

/** Octal text, or GNU's base-256 (big-endian two's complement) when the first bit is set. */
function numberField(block: Buffer, start: number, size: number): number {
  if (block[start]! & 0x80) return binaryNumber(block, start, size);
  const text = block.toString('latin1', start, start + size);
  const nul = text.indexOf('\0');
  const digits = (nul < 0 ? text : text.slice(0, nul)).trim();
  if (digits === '') return 0;
  if (!/^[0-7]+$/.test(digits)) throw new TarFormatError(say`a number is not octal`);
  return Number.parseInt(digits, 8);
}

function binaryNumber(block: Buffer, start: number, size: number): number {
  const negative = (block[start]! & 0x40) !== 0;
  let value = BigInt(negative ? (block[start]! | 0x80) - 256 : block[start]! & 0x7f);
  for (let i = start + 1; i < start + size; i++) value = value * 256n + BigInt(block[i]!);
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new TarFormatError(say`a number is too large`);
  return number;
}
