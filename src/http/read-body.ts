import { BuilderError } from '../errors.ts';
import { say } from '../sentence.ts';
import type { HttpResponse } from './http-client.ts';
import { redactUrl } from './redact-url.ts';

/** Reads a whole answer of at most `maxBytes` bytes. Throws `limit-exceeded`, and what the body throws. */
export async function readBody({ body, headers, url }: HttpResponse, maxBytes: number): Promise<Buffer> {
  const tooLong = () => {
    body.destroy();
    return new BuilderError('limit-exceeded', say`The answer of ${redactUrl(url)} is longer than ${maxBytes} bytes`);
  };
  if (Number(headers['content-length']) > maxBytes) throw tooLong();
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) throw tooLong();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, sizeBytes);
}
