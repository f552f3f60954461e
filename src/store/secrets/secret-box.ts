import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { BuilderError } from '../../errors.ts';
import type { Sentence } from '../../sentence.ts';
import { say } from '../../sentence.ts';

/** Seals secrets, so that the database never holds one in clear. A sealed text is `v1:<key id>:<nonce>:<ciphertext and tag>`. */
export interface SecretBox {
  /** Encrypts a text for one place, e.g. `pull-secret/5f0c2a1e-…`; elsewhere it cannot be opened. */
  seal(plain: string, about: string): string;
  /** Throws `secret-unreadable` when the key is missing, and when the text was changed or sealed for another place. */
  open(sealed: string, about: string): string;
  /** True when a text was sealed with another key than the first. */
  needsResealing(sealed: string): boolean;
}

export const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;

/** Seals with the first key and opens with all, AES-256-GCM. Each key has 32 bytes; there is at least one. */
export function createSecretBox(keys: readonly Uint8Array[]): SecretBox {
  const byId = new Map(keys.map((key) => [keyIdOf(key), key]));
  const [first] = keys;
  if (first === undefined) throw new Error('a secret box needs a key');
  const firstId = keyIdOf(first);
  return {
    seal(plain, about) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', first, nonce, { authTagLength: tagBytes }).setAAD(
        Buffer.from(about),
      );
      const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return `v1:${firstId}:${nonce.toString('base64url')}:${sealed.toString('base64url')}`;
    },
    open(sealed, about) {
      const { keyId, nonce, content } = parseSealed(sealed, about);
      const key = byId.get(keyId);
      if (key === undefined) throw keyMissing(keyId, about);
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
          .setAAD(Buffer.from(about))
          .setAuthTag(content.subarray(-tagBytes));
        return decipher.update(content.subarray(0, -tagBytes), undefined, 'utf8') + decipher.final('utf8');
      } catch {
        throw unreadable(about, say`it was changed, or sealed for another place`);
      }
    },
    needsResealing: (sealed) => sealed.split(':')[1] !== firstId,
  };
}

/** Names a key without telling anything of it: `9f86d081`. */
export function keyIdOf(key: Uint8Array): string {
  return createHash('sha256').update('imagewright secret key\0').update(key).digest('hex').slice(0, 8);
}

function parseSealed(sealed: string, about: string) {
  const [version, keyId, nonce = '', content = '', ...rest] = sealed.split(':');
  const parts = { nonce: Buffer.from(nonce, 'base64url'), content: Buffer.from(content, 'base64url') };
  const isWellFormed = version === 'v1' && keyId !== undefined && rest.length === 0;
  if (!isWellFormed || parts.nonce.length !== nonceBytes || parts.content.length < tagBytes) {
    throw unreadable(about, say`it is not in a format that this version knows`);
  }
  return { keyId, ...parts };
}

function keyMissing(keyId: string, about: string): BuilderError {
  return new BuilderError(
    'secret-unreadable',
    say`The secret of ${about} was sealed with the key ${keyId}, which is missing`,
    {
      hint: say`Give the server that key again, after the first one of IMAGEWRIGHT_SECRET_KEY or of secret.key; if it is lost, enter the secret anew.`,
    },
  );
}

function unreadable(about: string, why: Sentence): BuilderError {
  return new BuilderError('secret-unreadable', say`The secret of ${about} cannot be opened: ${why}`, {
    hint: say`Enter the secret anew, or restore the database from a backup.`,
  });
}
