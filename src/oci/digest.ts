import { createHash, hash } from 'node:crypto';
import { BuilderError } from '../errors.ts';
import { say } from '../sentence.ts';

/** A content identifier, image-spec descriptor.md "Digests": `sha256:9f86d0…` (64 hex) or `sha512:…` (128 hex). Made only by this file. */
export type Digest = string & { readonly __brand: 'Digest' };

export type DigestAlgorithm = 'sha256' | 'sha512';

const pattern = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

/** True for a well-formed sha256 or sha512 digest. */
export function isDigest(text: string): text is Digest {
  return pattern.test(text);
}

/** Reads a digest. Throws `digest-invalid`. */
export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text;
  throw new BuilderError('digest-invalid', say`"${text.slice(0, 100)}" is not a digest`, {
    hint: say`A digest is sha256: and 64 hexadecimal digits, or sha512: and 128.`,
  });
}

/** Digest of bytes held in memory. */
export function digestOf(bytes: Uint8Array | string, algorithm: DigestAlgorithm = 'sha256'): Digest {
  return `${algorithm}:${hash(algorithm, bytes, 'hex')}` as Digest;
}

export function algorithmOf(digest: Digest): DigestAlgorithm {
  return digest.startsWith('sha512:') ? 'sha512' : 'sha256';
}

/** The hexadecimal part: `9f86d0…`. */
export function hexOf(digest: Digest): string {
  return digest.slice(digest.indexOf(':') + 1);
}

/** Digest and size of a stream, told while it passes. */
export interface DigestMeter {
  update(chunk: Uint8Array): void;
  /** Bytes seen so far. */
  readonly sizeBytes: number;
  /** Ends the measurement. May be called once. */
  digest(): Digest;
}

export function createDigestMeter(algorithm: DigestAlgorithm = 'sha256'): DigestMeter {
  const hasher = createHash(algorithm);
  let sizeBytes = 0;
  return {
    update(chunk) {
      sizeBytes += chunk.byteLength;
      hasher.update(chunk);
    },
    get sizeBytes() {
      return sizeBytes;
    },
    digest: () => `${algorithm}:${hasher.digest('hex')}` as Digest,
  };
}
