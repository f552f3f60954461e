/** What `writeTar` makes a member of; all but the path has a default. */
export interface FixtureMember {
  readonly path: string;
  /** The type flag: `0` file, `5` directory, `2` symbolic link, … */
  readonly flag?: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly linkPath?: string;
  readonly body?: string | Buffer;
  /** Written as a PAX header before the member, as they are. */
  readonly pax?: Readonly<Record<string, string | Buffer>>;
  /** Writes long names as GNU tar does, in place of PAX. */
  readonly isGnu?: boolean;
  /** In place of the body's. */
  readonly sizeBytes?: number;
}

/** A tar for tests, written by other code than reads it. */
export function writeTar(members: readonly FixtureMember[]): Buffer {
  return Buffer.concat([...members.map(writeMember), Buffer.alloc(1024)]);
}

function writeMember(member: FixtureMember): Buffer {
  const { path, linkPath = '', isGnu = false } = member;
  const body = Buffer.from(member.body ?? '');
  const parts: Buffer[] = [];
  const pax: Record<string, string | Buffer> = { ...member.pax };
  for (const [text, flag, key] of [
    [path, 'L', 'path'],
    [linkPath, 'K', 'linkpath'],
  ] as const) {
    if (Buffer.byteLength(text) <= 100) continue;
    if (isGnu) parts.push(block('././@LongLink', flag, { path, body: `${text}\0` }), padded(Buffer.from(`${text}\0`)));
    else pax[key] = text;
  }
  if (Object.keys(pax).length > 0) {
    const records = Buffer.concat(Object.entries(pax).map(([key, value]) => paxRecord(key, Buffer.from(value))));
    parts.push(block('PaxHeader', 'x', { path, body: records }), padded(records));
  }
  parts.push(block(path, member.flag ?? '0', member), padded(body));
  return Buffer.concat(parts);
}

function block(name: string, flag: string, member: FixtureMember): Buffer {
  const { mode = 0o644, uid = 0, gid = 0, linkPath = '', isGnu = false } = member;
  const header = Buffer.alloc(512);
  header.write(Buffer.from(name).subarray(0, 100).toString('latin1'), 0, 'latin1');
  number(header, 100, 8, mode);
  number(header, 108, 8, uid);
  number(header, 116, 8, gid);
  number(header, 124, 12, member.sizeBytes ?? Buffer.from(member.body ?? '').length);
  number(header, 136, 12, 0);
  header.write(flag, 156, 'latin1');
  header.write(Buffer.from(linkPath).subarray(0, 100).toString('latin1'), 157, 'latin1');
  header.write(isGnu ? 'ustar  \0' : 'ustar\x0000', 257, 'latin1');
  return withChecksum(header);
}

/** Sets the checksum of a header that was changed. */
export function withChecksum(header: Buffer): Buffer {
  header.fill(0x20, 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

function number(header: Buffer, start: number, size: number, value: number): void {
  if (value >= 0 && value < 8 ** (size - 1)) {
    header.write(value.toString(8).padStart(size - 1, '0'), start, 'latin1');
    return;
  }
  let rest = BigInt(value);
  for (let i = start + size - 1; i >= start; i--) {
    header[i] = Number(rest & 255n);
    rest >>= 8n;
  }
  header[start]! |= 0x80;
}

/** One PAX record; its length counts its own digits. */
export function paxRecord(key: string, value: Buffer): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from('\n')]);
  let size = rest.length + 1;
  while (size !== rest.length + String(size).length) size = rest.length + String(size).length;
  return Buffer.concat([Buffer.from(String(size)), rest]);
}

function padded(body: Buffer): Buffer {
  return Buffer.concat([body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
}

/** The bytes in chunks of the given sizes, taken in turn. */
export async function* inChunks(bytes: Buffer, sizes: readonly number[] = [65_536]): AsyncGenerator<Buffer> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length]!;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}
