import { BuilderError } from '../errors.ts';
import { say } from '../sentence.ts';
import type { Actor } from './actor.ts';
import { mustBeAllowed } from './rights.ts';

/** What belongs to a group, or with `null` to the platform. */
export interface Owned {
  readonly ownerGroup: string | null;
}

/** For registry, package sources and base images. Throws `forbidden`. */
export function mustBeSettingsAdministrator(actor: Actor): void {
  mustBeAllowed(actor, 'settings.manage', {});
}

/** To make, change or delete a pull secret. Throws `forbidden`. */
export function mustManagePullSecret(actor: Actor, secret: Owned): void {
  mustBeAllowed(actor, 'secret.manage', secret);
}

/** True where a person may see that a pull secret exists, and have images of theirs pull with it. */
export function mayUsePullSecret(actor: Actor, { ownerGroup }: Owned): boolean {
  return actor.isAdmin || ownerGroup === null || actor.groups[ownerGroup] !== undefined;
}

/** Throws `not-found` for a secret that does not exist or that may not be seen. */
export function mustBeUsable<S extends Owned>(actor: Actor, name: string, secret: S | undefined): S {
  if (secret !== undefined && mayUsePullSecret(actor, secret)) return secret;
  throw new BuilderError('not-found', say`There is no pull secret called "${name}" that you may use`, {
    hint: say`See the list of pull secrets.`,
  });
}
