import { BuilderError } from '../../errors.ts';
import { say } from '../../sentence.ts';

/** Most bytes that one file may unpack to. */
export const maxUnpackedBytes = 64 * 1024 ** 3;

/** Passes a stream on and stops it with `limit-exceeded` after so many bytes. */
export async function* boundedBy(stream: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  let seen = 0;
  for await (const chunk of stream) {
    seen += chunk.byteLength;
    if (seen > maxBytes) {
      throw new BuilderError('limit-exceeded', say`The archive unpacks to more than ${maxBytes} bytes`, {
        hint: say`Check that it is what you think it is.`,
      });
    }
    yield chunk;
  }
}
