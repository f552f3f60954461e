import { createHash, timingSafeEqual } from 'node:crypto';
import type { Registry, RegistryAccess } from '../registry/server/registry.ts';
import { RegistryError } from '../registry/server/registry-error.ts';
import type { RegistryHttpContext } from '../registry/server/request-body.ts';
import type { RegistryGrant } from '../runners/registry-grant.ts';
import type { Sentence } from '../sentence.ts';
import { say } from '../sentence.ts';
import type { Database } from '../store/database.ts';
import { findImageEverNamed } from '../store/images.ts';
import { findPersonByToken } from '../store/people/find-person.ts';
import { builtInAdministrator } from '../store/people/users.ts';
import type { Actor } from './actor.ts';
import { clientAddress } from './people/client-address.ts';
import type { Throttle } from './people/throttle.ts';
import { isAllowed, type Target } from './rights.ts';

export interface RegistryAccessOptions {
  readonly database: Database;
  /** The fixed token of the built-in administrator. */
  readonly adminToken: string;
  readonly throttle: Throttle;
  readonly isBehindProxy?: boolean | undefined;
}

const rightOf = { pull: 'image.view', push: 'image.edit', delete: 'image.delete' } as const;

/**
 * Asks for a token at the door of the registry, as the password of `docker login` (any user name) or as a bearer token. A repository has
 * the rights of the image of its name, also of one that is deleted; what is no image everybody signed in may pull, and administrators
 * push. Who somebody is, and in which groups, is looked up for each request.
 */
export function registryAccess(options: RegistryAccessOptions): NonNullable<Registry['authorize']> {
  return async (access, c) => {
    const token = tokenOf(c.req.header('authorization'));
    if (token === undefined) throw unauthorized(say`Sign in: any user name, and an API token as the password`);
    const actor = await findActor(options, token, c);
    if (access !== undefined) await checkActor(options.database, actor, access);
    return `user ${actor.name}`;
  };
}

/** Lets a job do in the registry what it was granted. */
export function jobAccess(database: Database, grant: RegistryGrant): (access: RegistryAccess) => Promise<void> {
  return async ({ repository, action }) => {
    if (repository === grant.repository && action !== 'delete') return;
    if (action !== 'pull') throw denied(action, repository);
    if (grant.groups === 'all') return;
    const groups = Object.fromEntries(grant.groups.map((group) => [group, 'member' as const]));
    const member: Actor = { name: 'build', isAdmin: false, groups };
    if (!isAllowed(member, 'image.view', await targetOf(database, repository))) throw hidden(repository);
  };
}

/** Of `Basic` the password, of `Bearer` the token. */
function tokenOf(authorization: string | undefined): string | undefined {
  const [, scheme, value] = /^(Basic|Bearer) +(\S+)$/i.exec(authorization ?? '') ?? [];
  if (value === undefined) return undefined;
  if (scheme!.toLowerCase() === 'bearer') return value;
  const text = Buffer.from(value, 'base64').toString();
  return text.includes(':') ? text.slice(text.indexOf(':') + 1) : undefined;
}

async function findActor(
  { database, adminToken, throttle, isBehindProxy }: RegistryAccessOptions,
  token: string,
  c: RegistryHttpContext,
): Promise<Actor> {
  if (isSame(token, adminToken)) return { name: builtInAdministrator, isAdmin: true, groups: {} };
  const person = await findPersonByToken(database, token);
  if (person !== undefined) return person;
  const address = clientAddress(c, { isBehindProxy });
  const seconds = throttle.secondsToWait(address);
  if (seconds > 0) {
    const headers = { 'Retry-After': String(seconds) };
    throw new RegistryError('TOOMANYREQUESTS', 'Too many failed attempts from your address', { headers });
  }
  throttle.recordFailure(address);
  throw unauthorized(say`The token is not known, has expired or was revoked`);
}

async function checkActor(database: Database, actor: Actor, { repository, action }: RegistryAccess): Promise<void> {
  const target = await targetOf(database, repository);
  if (!isAllowed(actor, 'image.view', target)) throw hidden(repository);
  if (!isAllowed(actor, rightOf[action], target)) throw denied(action, repository);
}

async function targetOf(database: Database, repository: string): Promise<Target> {
  return (await findImageEverNamed(database, repository)) ?? { isGlobal: true };
}

function unauthorized(message: Sentence): RegistryError {
  return new RegistryError('UNAUTHORIZED', message, { headers: { 'WWW-Authenticate': 'Basic realm="Imagewright"' } });
}

function denied(action: RegistryAccess['action'], repository: string): RegistryError {
  return new RegistryError('DENIED', `You may not ${action} here: ${repository}`);
}

/** Like a repository that does not exist. */
function hidden(repository: string): RegistryError {
  return new RegistryError('NAME_UNKNOWN', `There is no repository ${repository}`);
}

/** In constant time, whatever the lengths. */
function isSame(a: string, b: string): boolean {
  const [first, second] = [a, b].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(first!, second!);
}
