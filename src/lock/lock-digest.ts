import { canonicalJson, type JsonValue } from '../oci/canonical-json.ts';
import { type Digest, digestOf, hexOf } from '../oci/digest.ts';
import type { Lock } from './lock.ts';

/** The lock as one text, however its members are ordered: what is hashed, and what an image carries. */
export function canonicalLock(lock: Lock): string {
  return canonicalJson(lock as unknown as JsonValue);
}

/** Names the lock: two locks with the same digest give the same image. */
export function lockDigest(lock: Lock): Digest {
  return digestOf(canonicalLock(lock));
}

/** The first 8 hexadecimal digits of the lock's digest, e.g. `1a2b3c4d`: names the image that is built from it. */
export function revisionOf(lock: Lock): string {
  return hexOf(lockDigest(lock)).slice(0, 8);
}

/** The lock for a file: the canonical text, indented, with a line break at its end. */
export function formatLock(lock: Lock): string {
  return `${JSON.stringify(JSON.parse(canonicalLock(lock)), null, 2)}\n`;
}
