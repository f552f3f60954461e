import type { HttpResponse } from './http-client.ts';

const worthReadingBytes = 64 * 1024;

/** Leaves the rest of an answer unread. A short one is read away, so that its connection can be used again; a long one is cut off. */
export function discardBody({ headers, body }: HttpResponse): void {
  const length = headers['content-length'];
  if (length !== undefined && Number(length) <= worthReadingBytes) body.resume();
  else body.destroy();
}
