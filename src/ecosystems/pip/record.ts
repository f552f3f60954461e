import { hash as digest } from 'node:crypto';
import { say } from '../../sentence.ts';
import { WheelFormatError } from './wheel-format-error.ts';

/** One line of a RECORD, packaging.python.org "Recording installed projects". */
export interface RecordRow {
  /** Relative to the directory that holds the `.dist-info`, e.g. `../../../bin/black`. */
  readonly path: string;
  /** `sha256=<urlsafe base64 without padding>`, or empty. */
  readonly hash: string;
  /** Decimal, or empty. */
  readonly size: string;
}

/** Reads a RECORD: comma-separated values in the dialect of Python's csv module. Throws `WheelFormatError` for what is none. */
export function parseRecord(text: string): RecordRow[] {
  return text
    .split(/\r\n|\n|\r/)
    .filter((line) => line !== '')
    .map((line) => {
      const [path, hash = '', size = ''] = parseFields(line);
      return { path: path!, hash, size };
    });
}

function parseFields(line: string): string[] {
  const fields: string[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y;
  for (let delimiter = ','; delimiter === ','; ) {
    const match = field.exec(line);
    if (match === null) throw new WheelFormatError(say`the line ${JSON.stringify(line.slice(0, 200))} is malformed`);
    const [, quoted, plain, end] = match;
    fields.push(quoted === undefined ? plain! : quoted.replaceAll('""', '"'));
    delimiter = end!;
  }
  return fields;
}

/** Writes a RECORD as pip does: sorted by code points, lines ended by CR LF. */
export function formatRecord(rows: readonly RecordRow[]): string {
  const lines = rows.map(({ path, hash, size }) => [path, hash, size]);
  lines.sort((a, b) => {
    const at = a.findIndex((field, i) => field !== b[i]);
    return at < 0 ? 0 : Buffer.compare(Buffer.from(a[at]!), Buffer.from(b[at]!));
  });
  return lines.map((fields) => `${fields.map(quote).join(',')}\r\n`).join('');
}

function quote(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

/** The row of a file whose content is known. */
export function recordRow(path: string, content: Uint8Array): RecordRow {
  return { path, hash: `sha256=${digest('sha256', content, 'base64url')}`, size: String(content.length) };
}
