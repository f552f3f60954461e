import { BuilderError } from '../errors.ts';
import { isLoopbackHost } from '../http/loopback.ts';
import type { Sentence } from '../sentence.ts';
import { say } from '../sentence.ts';

/*
 * The members of a lock, read from untrusted JSON: each gives the value, or throws `lock-invalid` that names the field, e.g.
 * `packages[3].url`.
 */

const maxItems = 10_000;
const maxPackageBytes = 64 * 1024 ** 3;

/** Hash and size of a package's file. */
export function parseFile({ sha256, sizeBytes }: Readonly<Record<string, unknown>>, at: string) {
  if (!Number.isSafeInteger(sizeBytes) || (sizeBytes as number) < 0 || (sizeBytes as number) > maxPackageBytes) {
    refuse(`${at}.sizeBytes`, say`it is not a number of bytes up to ${maxPackageBytes}`);
  }
  return {
    sha256: matching(sha256, `${at}.sha256`, /^[0-9a-f]{64}$/, '64 lower-case hexadecimal digits'),
    sizeBytes: sizeBytes as number,
  };
}

/** https, or http to this machine or where told; no credentials, for a lock is shown and kept. */
export function downloadUrl(value: unknown, at: string, { plainHttp = false } = {}): string {
  const address = text(value, at);
  const url = URL.canParse(address) ? new URL(address) : refuse(at, say`it is not a URL`);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && (plainHttp || isLoopbackHost(url.hostname)))) {
    refuse(at, say`only https URLs are taken (http to this machine only)`);
  }
  if (url.username !== '' || url.password !== '') refuse(at, say`it holds a user name or password`);
  return address;
}

/** An absolute path of the image. */
export function path(value: unknown, at: string): string {
  const name = text(value, at);
  const parts = name.split('/').slice(1);
  if (!name.startsWith('/') || parts.some((part) => part === '' || part === '.' || part === '..')) {
    refuse(at, say`it is not an absolute path without "." and ".."`);
  }
  return name;
}

export function matching(value: unknown, at: string, pattern: RegExp, what: string): string {
  const found = text(value, at);
  return pattern.test(found) ? found : refuse(at, say`it is not ${what}`);
}

export function text(value: unknown, at: string): string {
  if (typeof value !== 'string' || value === '') return refuse(at, say`it is not a text`);
  if (value.length > 4096) refuse(at, say`it is longer than 4096 characters`);
  if (/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(value)) refuse(at, say`it holds a control character`);
  return value;
}

export function list(value: unknown, at: string): readonly unknown[] {
  if (!Array.isArray(value)) return refuse(at, say`it is not a list`);
  return value.length > maxItems ? refuse(at, say`it has more than ${maxItems} items`) : value;
}

export function members(
  value: unknown,
  at: string,
  required: readonly string[],
  optional: readonly string[] = [],
): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse(at, say`it is not an object`);
  const prefix = at === '' ? '' : `${at}.`;
  const missing = required.find((member) => !Object.hasOwn(value, member));
  if (missing !== undefined) refuse(`${prefix}${missing}`, say`it is missing`);
  const unknown = Object.keys(value).find((member) => !required.includes(member) && !optional.includes(member));
  if (unknown !== undefined) refuse(`${prefix}${unknown.slice(0, 60)}`, say`it is not a member of a lock`);
  return value as Readonly<Record<string, unknown>>;
}

export function refuse(at: string, why: Sentence): never {
  throw new BuilderError(
    'lock-invalid',
    at === '' ? say`The lock cannot be used: ${why}` : say`The lock cannot be used: ${at}: ${why}`,
    {
      hint: say`Make the lock anew from the spec, with --lock-out.`,
    },
  );
}
