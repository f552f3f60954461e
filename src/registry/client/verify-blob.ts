import { BuilderError } from '../../errors.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { algorithmOf, createDigestMeter } from '../../oci/digest.ts';
import { say } from '../../sentence.ts';

/** Looks at a blob while it passes. */
export interface BlobCheck {
  /**
   * Takes the next bytes. Throws `content-mismatch` when there are more than there should be, and with the last of them when the digest
   * is another; so whoever passes bytes on after this never passes on the whole of a wrong blob.
   */
  update(chunk: Uint8Array): void;
  readonly sizeBytes: number;
  /** Throws `content-mismatch` when less passed than the descriptor says. */
  finish(): void;
}

/** Checks size and digest of a blob; `how` says in the error what was done with it: `is served`. */
export function createBlobCheck({ digest, size }: Descriptor, how: string): BlobCheck {
  const meter = createDigestMeter(algorithmOf(digest));
  const mismatch = (what: string) =>
    new BuilderError('content-mismatch', say`The blob ${digest} of ${size} bytes ${how} with other content: ${what}`, {
      hint: say`Try again; if it stays so, the content is damaged where it is kept.`,
    });
  const checkDigest = () => {
    const actual = meter.digest();
    if (actual !== digest) throw mismatch(say`it has the digest ${actual}`);
  };
  return {
    update(chunk) {
      if (chunk.byteLength === 0) return;
      if (meter.sizeBytes + chunk.byteLength > size) throw mismatch(say`it has more`);
      meter.update(chunk);
      if (meter.sizeBytes === size) checkDigest();
    },
    get sizeBytes() {
      return meter.sizeBytes;
    },
    finish() {
      if (meter.sizeBytes !== size) throw mismatch(say`it has ${meter.sizeBytes} bytes`);
      if (size === 0) checkDigest();
    },
  };
}
