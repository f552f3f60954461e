/** What is no MessagePack. */
export class MessagePackError extends Error {}

const maxDepth = 32;

/**
 * Reads one MessagePack value (its specification's nil, booleans, numbers, texts, binaries, lists and maps with texts as keys). Binaries are
 * given as lower-case hexadecimal digits: in repodata they are hashes. Throws `MessagePackError`.
 */
export function decodeMessagePack(bytes: Buffer): unknown {
  let at = 0;
  const take = (size: number) => {
    if (at + size > bytes.length) throw new MessagePackError('it ends in its middle');
    at += size;
    return at - size;
  };
  const uint = (size: 1 | 2 | 4) => bytes.readUIntBE(take(size), size);
  const text = (size: number) => {
    const start = take(size);
    return bytes.toString('utf8', start, start + size);
  };
  const binary = (size: number) => {
    const start = take(size);
    return bytes.toString('hex', start, start + size);
  };
  const list = (size: number, depth: number) => {
    const items: unknown[] = [];
    for (let i = 0; i < size; i++) items.push(value(depth + 1));
    return items;
  };
  const map = (size: number, depth: number) => {
    const entries: [string, unknown][] = [];
    for (let i = 0; i < size; i++) {
      const key = value(depth + 1);
      if (typeof key !== 'string') throw new MessagePackError('a key is no text');
      entries.push([key, value(depth + 1)]);
    }
    return Object.fromEntries(entries);
  };

  function value(depth: number): unknown {
    if (depth > maxDepth) throw new MessagePackError('it is nested too deeply');
    const type = uint(1);
    if (type <= 0x7f) return type;
    if (type <= 0x8f) return map(type & 0x0f, depth);
    if (type <= 0x9f) return list(type & 0x0f, depth);
    if (type <= 0xbf) return text(type & 0x1f);
    if (type >= 0xe0) return type - 0x100;
    switch (type) {
      case 0xc0:
        return null;
      case 0xc2:
      case 0xc3:
        return type === 0xc3;
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return binary(uint(widthOf(type - 0xc4)));
      case 0xca:
        return bytes.readFloatBE(take(4));
      case 0xcb:
        return bytes.readDoubleBE(take(8));
      case 0xcc:
      case 0xcd:
      case 0xce:
        return uint(widthOf(type - 0xcc));
      case 0xcf:
        return Number(bytes.readBigUInt64BE(take(8)));
      case 0xd0:
        return bytes.readInt8(take(1));
      case 0xd1:
        return bytes.readInt16BE(take(2));
      case 0xd2:
        return bytes.readInt32BE(take(4));
      case 0xd3:
        return Number(bytes.readBigInt64BE(take(8)));
      case 0xd9:
      case 0xda:
      case 0xdb:
        return text(uint(widthOf(type - 0xd9)));
      case 0xdc:
      case 0xdd:
        return list(uint(widthOf(type - 0xdb)), depth);
      case 0xde:
      case 0xdf:
        return map(uint(widthOf(type - 0xdd)), depth);
      default:
        throw new MessagePackError(`a value is of the unknown type ${type}`);
    }
  }

  const decoded = value(0);
  if (at !== bytes.length) throw new MessagePackError('something stands after its end');
  return decoded;
}

/** Bytes of a number that is the first, second or third of its kind. */
function widthOf(step: number): 1 | 2 | 4 {
  return step === 0 ? 1 : step === 1 ? 2 : 4;
}
