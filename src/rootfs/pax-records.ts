import { say } from '../sentence.ts';
import { TarFormatError } from './tar-header.ts';

/** What PAX records (POSIX pax, "pax Header Block") say in place of the next header. */
export interface PaxRecords {
  readonly path?: string;
  readonly linkPath?: string;
  readonly sizeBytes?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly mtimeSeconds?: number;
  /** `SCHILY.xattr.*`, by name, values in base64. */
  readonly xattrs?: Readonly<Record<string, string>>;
}

/** Reads the body of a PAX header: `<length> <key>=<value>\n` times any. Throws `TarFormatError`. */
export function parsePaxRecords(body: Buffer): PaxRecords {
  const records: { -readonly [Key in keyof PaxRecords]: PaxRecords[Key] } = {};
  const xattrs: Record<string, string> = {};
  for (const { key, value } of paxFields(body)) {
    if (key.startsWith('GNU.sparse.')) throw new TarFormatError(say`sparse files are not read`);
    if (key.startsWith('SCHILY.xattr.')) {
      xattrs[key.slice('SCHILY.xattr.'.length)] = value.toString('base64');
    } else if (value.length === 0) {
      // An empty value means what the header says.
    } else if (key === 'path') records.path = textOf(value);
    else if (key === 'linkpath') records.linkPath = textOf(value);
    else if (key === 'size') records.sizeBytes = integerOf(key, value);
    else if (key === 'uid') records.uid = integerOf(key, value);
    else if (key === 'gid') records.gid = integerOf(key, value);
    else if (key === 'mtime') records.mtimeSeconds = timeOf(value);
  }
  if (Object.keys(xattrs).length > 0) records.xattrs = xattrs;
  return records;
}

const meaningful = /^(?:path|linkpath|size|uid|gid|GNU\.sparse\..*|SCHILY\.xattr\..*)$/s;

/**
 * Checks the body of a global PAX header. Go's readers (containerd, docker, podman) pass over these and POSIX applies them, so one that
 * would change where or what a file is means two things and is refused; comments and times are not looked at. Throws `TarFormatError`.
 */
export function checkGlobalPaxRecords(body: Buffer): void {
  for (const { key } of paxFields(body)) {
    if (meaningful.test(key)) throw new TarFormatError(say`a global header sets ${key}`);
  }
}

function* paxFields(body: Buffer): Iterable<{ key: string; value: Buffer }> {
  for (let at = 0; at < body.length; ) {
    const space = body.indexOf(0x20, at);
    const digits = space < 0 || space - at > 8 ? '' : body.toString('latin1', at, space);
    const end = at + Number(digits);
    const equals = body.indexOf(0x3d, space);
    const fits = /^[1-9][0-9]*$/.test(digits) && end <= body.length && body[end - 1] === 0x0a;
    if (!fits || equals <= space + 1 || equals >= end - 1) {
      throw new TarFormatError(say`a PAX record is malformed`);
    }
    yield { key: body.toString('utf8', space + 1, equals), value: body.subarray(equals + 1, end - 1) };
    at = end;
  }
}

function textOf(value: Buffer): string {
  if (value.includes(0)) throw new TarFormatError(say`a name holds a zero byte`);
  return value.toString('utf8');
}

function integerOf(key: string, value: Buffer): number {
  const text = value.toString('latin1');
  const number = Number(text);
  if (!/^[0-9]+$/.test(text) || !Number.isSafeInteger(number)) {
    throw new TarFormatError(say`the PAX record ${key} is not a number`);
  }
  return number;
}

function timeOf(value: Buffer): number {
  const text = value.toString('latin1');
  if (!/^-?[0-9]{1,18}(?:\.[0-9]*)?$/.test(text)) throw new TarFormatError(say`the PAX record mtime is not a time`);
  return Number(text);
}
