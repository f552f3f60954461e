import { crc32 } from 'node:zlib';

/** A regular file of an archive that is to be written. */
export interface WrittenMember {
  readonly path: string;
  readonly content: Uint8Array;
  /** The content by deflate; it is stored as it is where this is absent. */
  readonly deflated?: Uint8Array;
  /** Unix permissions, 0o644 unless told. */
  readonly mode?: number;
}

/** A zip archive of uncompressed members, by path. */
export function storedZip(files: Readonly<Record<string, string | Uint8Array>>): Buffer {
  return writeZip(
    Object.entries(files).map(([path, content]) => ({ path, content: Buffer.from(content as Uint8Array) })),
  );
}

/**
 * A zip archive in memory (APPNOTE 4.3): local headers and content in the order given, then the directory. All is dated 1980-01-01, so
 * that the same members give the same bytes.
 */
export function writeZip(members: readonly WrittenMember[]): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const member of members) {
    const name = Buffer.from(member.path);
    const common = commonFields(member, name.length);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, name, member.deflated ?? member.content]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(((0o100000 | (member.mode ?? 0o644)) << 16) >>> 0, 6);
    place.writeUInt32LE(offset, 10);
    // Made on Unix, which gives the permissions their meaning.
    centrals.push(Buffer.concat([Buffer.from('PK\x01\x02'), Buffer.from([20, 3]), common, place, name]));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(centrals);
  return Buffer.concat([...locals, directory, endRecord(members.length, directory.length, offset)]);
}

/** What both headers of a member say alike. */
function commonFields({ content, deflated }: WrittenMember, nameBytes: number): Buffer {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(20, 0);
  fields.writeUInt16LE(0x0800, 2);
  fields.writeUInt16LE(deflated === undefined ? 0 : 8, 4);
  fields.writeUInt32LE(0x0021_0000, 6);
  fields.writeUInt32LE(crc32(content), 10);
  fields.writeUInt32LE((deflated ?? content).length, 14);
  fields.writeUInt32LE(content.length, 18);
  fields.writeUInt16LE(nameBytes, 22);
  return fields;
}

function endRecord(count: number, directoryBytes: number, offset: number): Buffer {
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(directoryBytes, 12);
  end.writeUInt32LE(offset, 16);
  return end;
}
