import { Transform } from 'node:stream';
import { BuilderError } from '../errors.ts';
import type { Sentence } from '../sentence.ts';

/** Passes on what flows through it, up to so many bytes. Fails with `limit-exceeded`, in the words given: `The repodata of conda-forge is too large`. */
export function limitedTo(maxBytes: number, refusal: Sentence): Transform {
  let sizeBytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sizeBytes += chunk.length;
      if (sizeBytes <= maxBytes) return done(null, chunk);
      done(new BuilderError('limit-exceeded', refusal));
    },
  });
}
