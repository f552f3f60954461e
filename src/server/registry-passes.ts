import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Credential } from '../registry/client/credentials.ts';
import type { RegistryGrant } from '../runners/registry-grant.ts';

/** Lets jobs of this process into its registry. */
export interface RegistryPasses {
  issue(grant: RegistryGrant): Credential;
  /** What the password grants; `undefined` when it is none of ours, or too old. */
  read(password: string): RegistryGrant | undefined;
}

const prefix = 'iwp_';
const goodForMs = 24 * 60 * 60 * 1000;

/** Passes are signed with a key that only this process knows, so nothing is kept and none outlives it. */
export function createRegistryPasses({ now = Date.now }: { readonly now?: () => number } = {}): RegistryPasses {
  const key = randomBytes(32);
  const sign = (text: string) => createHmac('sha256', key).update(text).digest();
  return {
    issue(grant) {
      const text = Buffer.from(JSON.stringify({ grant, until: now() + goodForMs })).toString('base64url');
      const password = `${prefix}${text}.${sign(text).toString('base64url')}`;
      return { kind: 'password', username: 'build', password };
    },
    read(password) {
      const [, text, signature] = /^iwp_([\w-]+)\.([\w-]{43})$/.exec(password) ?? [];
      if (text === undefined || signature === undefined) return undefined;
      if (!timingSafeEqual(sign(text), Buffer.from(signature, 'base64url'))) return undefined;
      const { grant, until } = JSON.parse(Buffer.from(text, 'base64url').toString()) as {
        readonly grant: RegistryGrant;
        readonly until: number;
      };
      return now() < until ? grant : undefined;
    },
  };
}
