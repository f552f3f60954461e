import { BuilderError } from '../../errors.ts';
import { say } from '../../sentence.ts';
import type { ExpectedBlob, StoredBlob } from './blob-store.ts';

/** Compares what came with what was announced. Throws `content-mismatch`. */
export function verifyBlob(actual: StoredBlob, expected: ExpectedBlob): StoredBlob {
  if (expected.sizeBytes !== undefined && expected.sizeBytes !== actual.sizeBytes) {
    refuse(say`${expected.sizeBytes} bytes were announced, ${actual.sizeBytes} came`);
  }
  if (expected.digest !== undefined && expected.digest !== actual.digest) {
    refuse(say`${expected.digest} was announced, ${actual.digest} came`);
  }
  return actual;
}

/** Passes a source on and stops it with `content-mismatch` as soon as it is longer than announced. */
export async function* boundSource(
  source: AsyncIterable<Uint8Array>,
  sizeBytes: number | undefined,
): AsyncGenerator<Uint8Array> {
  let seen = 0;
  for await (const chunk of source) {
    seen += chunk.byteLength;
    if (sizeBytes !== undefined && seen > sizeBytes) refuse(say`${sizeBytes} bytes were announced, more came`);
    yield chunk;
  }
}

function refuse(what: string): never {
  throw new BuilderError('content-mismatch', say`The content is not what was announced: ${what}`, {
    hint: say`Send it again; when it fails again, what sends it is broken.`,
  });
}
