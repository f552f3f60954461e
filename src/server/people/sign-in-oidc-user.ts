import { BuilderError } from '../../errors.ts';
import { say } from '../../sentence.ts';
import { recordAudit } from '../../store/audit.ts';
import type { Queries } from '../../store/database.ts';
import { replaceMemberships } from '../../store/people/groups.ts';
import {
  findOidcUser,
  insertOidcUser,
  type OidcIdentity,
  type StoredUser,
  updateUser,
} from '../../store/people/users.ts';
import type { ClaimedPerson } from './oidc-claims.ts';

/**
 * Makes or updates the user of an identity: names, administrator or not, and groups are as the provider says now. A user who was made
 * here is never taken for one of the provider, whatever the name. Throws `forbidden` when the user is disabled.
 */
export async function signInOidcUser(
  queries: Queries,
  identity: OidcIdentity,
  person: ClaimedPerson,
): Promise<StoredUser> {
  const found = await findOrMake(queries, identity, person.preferredName);
  const { name } = found;
  if (found.disabledAt !== null) {
    throw new BuilderError('forbidden', say`The user "${name}" is disabled`, { hint: say`Ask an administrator.` });
  }
  const { displayName, email, isAdmin, memberships } = person;
  if (memberships !== undefined) await replaceMemberships(queries, name, memberships);
  const user = (await updateUser(queries, name, { displayName, email, isAdmin })) ?? found;
  const detail = { by: 'oidc', isAdmin: user.isAdmin, groups: user.groups };
  await recordAudit(queries, { actor: name, action: 'user.sign-in', target: name, detail });
  return user;
}

async function findOrMake(queries: Queries, identity: OidcIdentity, preferredName: string): Promise<StoredUser> {
  for (let attempt = 1; attempt <= 1000; attempt++) {
    // Looked up again after each attempt: the same person may be signing in twice at once.
    const found = await findOidcUser(queries, identity);
    if (found !== undefined) return found;
    const name = attempt === 1 ? preferredName : `${preferredName}-${attempt}`;
    if (await insertOidcUser(queries, name, identity)) {
      await recordAudit(queries, { actor: name, action: 'user.create', target: name, detail: { by: 'oidc' } });
    }
  }
  throw new Error(`No free user name like "${preferredName}" was found`);
}
