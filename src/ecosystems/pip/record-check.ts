import { createHash, type Hash } from 'node:crypto';
import { type Sentence, say } from '../../sentence.ts';
import type { RecordRow } from './record.ts';

/** Algorithms that a wheel may use: sha256 or better (binary distribution format, "The .dist-info directory"). */
const algorithms = new Set(['sha256', 'sha384', 'sha512']);

/** Compares content with what a RECORD says of it, as it passes. */
export interface RecordCheck {
  update(bytes: Uint8Array): void;
  /** What is wrong, or `undefined`. May be called once. */
  problem(): Sentence | undefined;
}

/** True for the files that need no hash, as they sign or are the RECORD itself. */
export function isUnrecorded(path: string, distInfo: string): boolean {
  return ['RECORD', 'RECORD.jws', 'RECORD.p7s'].some((name) => path === `${distInfo}/${name}`);
}

/** Begins the check of one file against its row. */
export function createRecordCheck({ hash, size }: RecordRow): RecordCheck {
  const at = hash.indexOf('=');
  const algorithm = hash.slice(0, Math.max(at, 0)).toLowerCase();
  const expected = hash.slice(at + 1).replace(/=+$/, '');
  const hasher: Hash | undefined = algorithms.has(algorithm) ? createHash(algorithm) : undefined;
  let sizeBytes = 0;
  return {
    update(bytes) {
      sizeBytes += bytes.length;
      hasher?.update(bytes);
    },
    problem() {
      if (hash === '') return say`RECORD has no hash for it`;
      if (hasher === undefined)
        return say`RECORD has a hash of the kind "${algorithm.slice(0, 20)}", which proves nothing`;
      if (size !== '' && size !== String(sizeBytes))
        return say`it has ${sizeBytes} bytes, and RECORD says ${size.slice(0, 20)}`;
      return hasher.digest('base64url') === expected ? undefined : say`its content is not what RECORD says`;
    },
  };
}
