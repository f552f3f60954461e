import { crc32, deflateRawSync } from 'node:zlib';

/** One member of a crafted archive; what is not told is as it should be. `local` and `central` overrule one of the two headers. */
export interface CraftedMember {
  readonly name: string;
  readonly content?: string | Uint8Array;
  readonly stored?: boolean;
  /** Unix mode with its type, 0o100644 unless told. */
  readonly mode?: number;
  readonly flags?: number;
  /** Packed bytes in place of the deflated content. */
  readonly packed?: Uint8Array;
  readonly descriptor?: 'signed32' | 'bare32' | 'signed64' | 'bare64';
  readonly central?: Partial<HeaderFields>;
  readonly local?: Partial<HeaderFields>;
  /** Bytes after the member that belong to nothing. */
  readonly gap?: string;
}

interface HeaderFields {
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly packedBytes: number;
  readonly bytes: number;
  readonly extra: Buffer;
  readonly offset: number;
}

export interface CraftedEnd {
  readonly before?: string;
  readonly after?: string;
  readonly comment?: string;
  readonly count?: number;
  readonly directoryOffset?: number;
  readonly zip64?: boolean | { readonly count: number };
}

/** An extra field: id and data. */
export function extraField(id: number, data: Buffer): Buffer {
  return Buffer.concat([u16(id), u16(data.length), data]);
}

/** The zip64 extra field with the numbers given. */
export function zip64Extra(...values: readonly number[]): Buffer {
  return extraField(1, Buffer.concat(values.map(u64)));
}

/** Makes an archive that may lie. */
export function craftZip(members: readonly CraftedMember[], end: CraftedEnd = {}): Buffer {
  const parts: Buffer[] = [Buffer.from(end.before ?? '')];
  const centrals: Buffer[] = [];
  const sizeOf = (list: readonly Buffer[]) => list.reduce((sum, { length }) => sum + length, 0);
  for (const member of members) {
    const content = Buffer.from((member.content ?? '') as Uint8Array);
    const packed = Buffer.from(member.packed ?? (member.stored ? content : deflateRawSync(content)));
    const offset = sizeOf(parts);
    const fields: HeaderFields = {
      name: member.name,
      flags: (member.flags ?? 0x800) | (member.descriptor ? 8 : 0),
      method: member.stored ? 0 : 8,
      crc: crc32(content),
      packedBytes: packed.length,
      bytes: content.length,
      extra: Buffer.alloc(0),
      offset,
    };
    const blank = member.descriptor ? { crc: 0, packedBytes: 0, bytes: 0 } : {};
    const local = { ...fields, ...blank, ...member.local };
    const name = Buffer.from(local.name);
    parts.push(
      Buffer.concat([Buffer.from('PK\x03\x04'), u16(20), common(local), u16(name.length), u16(local.extra.length), name]),
      local.extra,
      packed,
      descriptorOf(member, fields),
      Buffer.from(member.gap ?? ''),
    );
    centrals.push(centralHeader({ ...fields, ...member.central }, member.mode ?? 0o100644));
  }
  const directory = Buffer.concat(centrals);
  const offset = end.directoryOffset ?? sizeOf(parts);
  const count = end.count ?? members.length;
  parts.push(directory);
  if (end.zip64) {
    const told = end.zip64 === true ? count : end.zip64.count;
    const at = sizeOf(parts);
    parts.push(Buffer.concat([Buffer.from('PK\x06\x06'), u64(44), u16(45), u16(45), u32(0), u32(0), u64(told), u64(told), u64(directory.length), u64(offset)]));
    parts.push(Buffer.concat([Buffer.from('PK\x06\x07'), u32(0), u64(at), u32(1)]));
  }
  const saturated = end.zip64 === true;
  const comment = Buffer.from(end.comment ?? '', 'latin1');
  parts.push(
    Buffer.concat([
      Buffer.from('PK\x05\x06'),
      u16(0),
      u16(0),
      u16(saturated ? 0xffff : count),
      u16(saturated ? 0xffff : count),
      u32(saturated ? 0xffffffff : directory.length),
      u32(saturated ? 0xffffffff : offset),
      u16(comment.length),
      comment,
      Buffer.from(end.after ?? ''),
    ]),
  );
  return Buffer.concat(parts);
}

function common({ flags, method, crc, packedBytes, bytes }: HeaderFields): Buffer {
  return Buffer.concat([u16(flags), u16(method), u32(0x0021_0000), u32(crc), u32(packedBytes), u32(bytes)]);
}

function centralHeader(fields: HeaderFields, mode: number): Buffer {
  const name = Buffer.from(fields.name);
  return Buffer.concat([
    Buffer.from('PK\x01\x02'),
    u16(20 | (3 << 8)),
    u16(20),
    common(fields),
    u16(name.length),
    u16(fields.extra.length),
    u16(0),
    u16(0),
    u16(0),
    u32(mode * 65_536),
    u32(fields.offset),
    name,
    fields.extra,
  ]);
}

function descriptorOf({ descriptor }: CraftedMember, { crc, packedBytes, bytes }: HeaderFields): Buffer {
  if (descriptor === undefined) return Buffer.alloc(0);
  const size = descriptor.endsWith('64') ? u64 : u32;
  const signature = descriptor.startsWith('signed') ? [Buffer.from('PK\x07\x08')] : [];
  return Buffer.concat([...signature, u32(crc), size(packedBytes), size(bytes)]);
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
