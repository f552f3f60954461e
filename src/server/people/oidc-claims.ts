import type { Memberships } from '../../store/people/users.ts';

/** What an identity provider says of a person, see OpenID Connect Core 1.0, section 5.1. */
export type Claims = Readonly<Record<string, unknown>>;

export interface GroupClaimOptions {
  /** Name of the claim that lists groups: `groups`. Absent: groups are not taken from the provider. */
  readonly groupsClaim?: string | undefined;
  /** Who is in that group is an administrator of the platform. Absent: that is not taken from the provider. */
  readonly adminGroup?: string | undefined;
  /** What the name of a group ends with where its administrators are meant: `/admin`. */
  readonly groupAdminSuffix?: string | undefined;
}

/** A person as we keep it. */
export interface ClaimedPerson {
  /** What the user would best be called: `alice`. */
  readonly preferredName: string;
  readonly displayName: string;
  readonly email: string;
  /** Absent where the provider is not asked. */
  readonly isAdmin?: boolean;
  readonly memberships?: Memberships;
}

const validName = /^[a-z0-9][a-z0-9._-]{0,62}$/;

/**
 * Reads a person from claims. Values of the claim of groups that cannot be names of groups, as providers have many of their own, are left
 * out. A provider that is to tell the groups and tells none puts the person into none.
 */
export function readClaims(claims: Claims, options: GroupClaimOptions): ClaimedPerson {
  const { groupsClaim, adminGroup } = options;
  const name = textOf(claims.preferred_username) || textOf(claims.email).replace(/@.*$/, '') || textOf(claims.name);
  const values = groupsClaim === undefined ? [] : groupValues(claims[groupsClaim]);
  return {
    preferredName: asUserName(name || textOf(claims.sub)),
    displayName: textOf(claims.name).slice(0, 200),
    email: textOf(claims.email).slice(0, 320),
    ...(groupsClaim !== undefined && { memberships: membershipsOf(values, options) }),
    ...(groupsClaim !== undefined &&
      adminGroup !== undefined && { isAdmin: values.includes(withoutSlash(adminGroup)) }),
  };
}

function membershipsOf(values: readonly string[], { groupAdminSuffix = '/admin' }: GroupClaimOptions): Memberships {
  const memberships = new Map<string, 'admin' | 'member'>();
  for (const value of values) {
    const isAdmin = groupAdminSuffix !== '' && value.endsWith(groupAdminSuffix);
    const group = isAdmin ? value.slice(0, -groupAdminSuffix.length) : value;
    if (!validName.test(group)) continue;
    if (isAdmin) memberships.set(group, 'admin');
    else if (!memberships.has(group)) memberships.set(group, 'member');
  }
  return Object.fromEntries(memberships);
}

/** One name or a list of them; some providers give groups as paths, `/team`. */
function groupValues(value: unknown): string[] {
  const values = Array.isArray(value) ? value : [value];
  return values.filter((each) => typeof each === 'string').map(withoutSlash);
}

function withoutSlash(group: string): string {
  return group.replace(/^\//, '');
}

/** Makes any text a name of a user: `Zoë Müller` is `zoe-muller`. */
function asUserName(text: string): string {
  const plain = text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
  const name = plain.replaceAll(/[^a-z0-9._-]+/g, '-').replace(/^[^a-z0-9]+/, '');
  return name.slice(0, 55).replace(/[^a-z0-9]+$/, '') || 'user';
}

/** A line of text; control characters, which no database takes, become blanks. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value.replaceAll(/[\u0000-\u001f\u007f]+/g, ' ').trim() : '';
}
