import type { ByteRange } from '../blobs/blob-store.ts';

/**
 * Reads the `Range` header of a request for so many bytes, RFC 9110 section 14.2: `bytes=0-499`, `bytes=500-`, `bytes=-500`. `undefined`
 * means that the whole is to be sent, as for what is not understood and for several ranges; `unsatisfiable` calls for status 416.
 */
export function parseRange(header: string | undefined, sizeBytes: number): ByteRange | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/i.exec(header?.trim() ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return undefined;
  const [first, last] = [match[1]!, match[2]!];
  const start = first === '' ? Math.max(0, sizeBytes - Number(last)) : Number(first);
  const end = first === '' || last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  return start <= end ? { start, end } : 'unsatisfiable';
}

/** Reads the `Content-Range` of a chunk, distribution-spec "Pushing a blob in chunks": `0-1023`. `undefined` for anything else. */
export function parseContentRange(header: string): ByteRange | undefined {
  const match = /^(\d{1,15})-(\d{1,15})$/.exec(header);
  if (!match) return undefined;
  const [start, end] = [Number(match[1]), Number(match[2])];
  return start <= end ? { start, end } : undefined;
}
