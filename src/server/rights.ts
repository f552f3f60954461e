import { BuilderError } from '../errors.ts';
import { say } from '../sentence.ts';
import type { Actor } from './actor.ts';

/** Roles a person has towards something, the mightiest first. */
export const roles = ['administrator', 'groupAdministrator', 'member', 'other'] as const;
export type Role = (typeof roles)[number];

/** What a token may be used for, the least first; each includes those before it. */
export const scopes = ['read', 'write', 'admin'] as const;
type Scope = (typeof scopes)[number];

interface Rule {
  readonly roles: readonly Role[];
  /** The least scope of a token that may do this. */
  readonly scope: Scope;
  /** To all others the thing does not exist. */
  readonly isHiddenFromOthers?: boolean;
}

const everybody = roles;
const members = ['administrator', 'groupAdministrator', 'member'] as const;
const managers = ['administrator', 'groupAdministrator'] as const;
const administrators = ['administrator'] as const;

/**
 * Who may do what; `docs/rights.md` says it for people. A group administrator is one of the group that owns the thing (or is it), a member
 * is in a group that owns or sees it.
 */
export const rights = {
  'image.view': { roles: members, scope: 'read', isHiddenFromOthers: true },
  'image.create': { roles: managers, scope: 'write' },
  'image.edit': { roles: managers, scope: 'write', isHiddenFromOthers: true },
  'image.delete': { roles: managers, scope: 'write', isHiddenFromOthers: true },
  'image.make-global': { roles: administrators, scope: 'write' },
  'job.view': { roles: members, scope: 'read', isHiddenFromOthers: true },
  'job.cancel': { roles: managers, scope: 'write', isHiddenFromOthers: true },
  'spec.preflight': { roles: everybody, scope: 'read' },
  'secret.manage': { roles: managers, scope: 'write' },
  'settings.manage': { roles: administrators, scope: 'admin' },
  'group.view': { roles: members, scope: 'read', isHiddenFromOthers: true },
  'group.members.manage': { roles: managers, scope: 'admin', isHiddenFromOthers: true },
  'groups.manage': { roles: administrators, scope: 'admin' },
  'users.manage': { roles: administrators, scope: 'admin' },
  'token.view': { roles: everybody, scope: 'read' },
  'token.manage': { roles: everybody, scope: 'admin' },
  'audit.view': { roles: administrators, scope: 'admin' },
} as const satisfies Readonly<Record<string, Rule>>;
export type Right = keyof typeof rights;

/** What a right is asked about; `{}` for what belongs to nobody, or to the asking person alone. */
export interface Target {
  readonly ownerGroup?: string | null | undefined;
  /** Groups that it is shown to. */
  readonly groups?: readonly string[] | undefined;
  /** It is shown to everybody. */
  readonly isGlobal?: boolean | undefined;
}

/** The role of a person towards something. */
export function roleOf(actor: Actor, { ownerGroup, groups = [], isGlobal = false }: Target): Role {
  if (actor.isAdmin) return 'administrator';
  if (ownerGroup && roleIn(actor, ownerGroup) === 'admin') return 'groupAdministrator';
  const sees = isGlobal || [ownerGroup, ...groups].some((group) => group && roleIn(actor, group) !== undefined);
  return sees ? 'member' : 'other';
}

function roleIn({ groups }: Actor, group: string): 'admin' | 'member' | undefined {
  return Object.hasOwn(groups, group) ? groups[group] : undefined;
}

/** Whether a person, with the token at hand, may do this. */
export function isAllowed(actor: Actor, right: Right, target: Target): boolean {
  return roleAllows(roleOf(actor, target), right) && scopeAllows(actor, right);
}

/** Throws `forbidden`, or `not-found` when the thing may not even be seen. */
export function mustBeAllowed(actor: Actor, right: Right, target: Target): void {
  const role = roleOf(actor, target);
  const rule: Rule = rights[right];
  if (role === 'other' && rule.isHiddenFromOthers) {
    throw new BuilderError('not-found', say`There is no such thing, or you may not see it`);
  }
  if (!roleAllows(role, right)) {
    throw new BuilderError('forbidden', say`You may not do this (${right})`, {
      hint: rule.roles.includes('groupAdministrator')
        ? say`Ask an administrator, or the administrator of the group.`
        : say`Ask an administrator.`,
    });
  }
  if (!scopeAllows(actor, right)) {
    throw new BuilderError('forbidden', say`Your token may not do this (${right})`, {
      hint: say`Use a token with the scope "${rule.scope}".`,
    });
  }
}

function roleAllows(role: Role, right: Right): boolean {
  return (rights[right].roles as readonly Role[]).includes(role);
}

/** A token may do less than the person it belongs to. */
function scopeAllows(actor: Actor, right: Right): boolean {
  const least = scopes.indexOf(rights[right].scope);
  return actor.scopes?.some((scope) => scopes.indexOf(scope) >= least) ?? true;
}
