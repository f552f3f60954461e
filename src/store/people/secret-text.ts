import { createHash, randomBytes } from 'node:crypto';

/** Makes a text that nobody can guess, 256 random bits: `iw_` and 43 characters of base64url. */
export function makeSecretText(): string {
  return `iw_${randomBytes(32).toString('base64url')}`;
}

/** The SHA-256 of a secret text in hex: what is kept of it. The text is random, so that no slower hash is needed. */
export function hashSecretText(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
