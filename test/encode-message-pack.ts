/** A value in MessagePack, by other code than reads it; a buffer becomes a binary. */
export function encodeMessagePack(value: unknown): Buffer {
  if (value === null) return Buffer.from([0xc0]);
  if (typeof value === 'boolean') return Buffer.from([value ? 0xc3 : 0xc2]);
  if (typeof value === 'number') return encodeNumber(value);
  if (typeof value === 'string') return sized(Buffer.from(value), [0xd9, 0xda, 0xdb]);
  if (Buffer.isBuffer(value)) return sized(value, [0xc4, 0xc5, 0xc6]);
  if (Array.isArray(value)) return Buffer.concat([head(0xdd, value.length), ...value.map(encodeMessagePack)]);
  const entries = Object.entries(value as Record<string, unknown>).filter(([, each]) => each !== undefined);
  return Buffer.concat([head(0xdf, entries.length), ...entries.flat().map(encodeMessagePack)]);
}

function encodeNumber(value: number): Buffer {
  const bytes = Buffer.alloc(9);
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
    bytes[0] = 0xcb;
    bytes.writeDoubleBE(value, 1);
    return bytes;
  }
  if (value >= 0 && value <= 0x7f) return Buffer.from([value]);
  bytes[0] = 0xd3;
  bytes.writeBigInt64BE(BigInt(value), 1);
  return bytes;
}

function sized(content: Buffer, [one, two, four]: readonly [number, number, number]): Buffer {
  const { length } = content;
  if (length < 0x100) return Buffer.concat([Buffer.from([one, length]), content]);
  if (length < 0x10000) return Buffer.concat([Buffer.from([two, length >> 8, length & 0xff]), content]);
  return Buffer.concat([head(four, length), content]);
}

function head(type: number, count: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes[0] = type;
  bytes.writeUInt32BE(count, 1);
  return bytes;
}
