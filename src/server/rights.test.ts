import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isBuilderError } from '../errors.ts';
import type { Actor } from './actor.ts';
import { isAllowed, mustBeAllowed, type Right, type Role, rights, roleOf, roles, scopes } from './rights.ts';

const owned = { ownerGroup: 'team', groups: ['guests'] };
const person = (groups: Actor['groups'] = {}, more: Partial<Actor> = {}): Actor => ({
  ...{ name: 'alice', isAdmin: false, groups },
  ...more,
});
const people: Readonly<Record<Role, Actor>> = {
  administrator: person({}, { isAdmin: true }),
  groupAdministrator: person({ team: 'admin' }),
  member: person({ team: 'member' }),
  other: person({ strangers: 'admin' }),
};

/** The rows of a table of the document by the heading above it: right → its cells of yes and no. */
function readTable(heading: string): ReadonlyMap<string, readonly boolean[]> {
  const text = readFileSync(join(import.meta.dirname, '../../docs/rights.md'), 'utf8');
  const section = text.split(/^## /m).find((each) => each.startsWith(`${heading}\n`));
  const lines = section?.split('\n').filter((line) => line.startsWith('| `')) ?? [];
  return new Map(
    lines.map((line) => {
      const cells = line.split('|').map((cell) => cell.trim());
      const answers = cells.filter((cell) => cell === 'yes' || cell === 'no').map((cell) => cell === 'yes');
      return [cells[1]!.replaceAll('`', ''), answers];
    }),
  );
}

describe('the table of rights', () => {
  const names = Object.keys(rights) as Right[];
  const byRole = readTable('Rights');
  const byScope = readTable('Scopes of tokens');

  it('has a row in the document for each right, and no other', () => {
    expect([...byRole.keys()]).toEqual(names);
    expect([...byScope.keys()]).toEqual(names);
  });

  it.each(names.flatMap((right) => roles.map((role, column) => ({ right, role, column }))))(
    '$right for $role is as the document says',
    ({ right, role, column }) => {
      expect(roleOf(people[role], owned)).toBe(role);
      expect(isAllowed(people[role], right, owned)).toBe(byRole.get(right)?.[column]);
    },
  );

  it.each(names.flatMap((right) => scopes.map((scope, column) => ({ right, scope, column }))))(
    '$right with the scope $scope is as the document says',
    ({ right, scope, column }) => {
      const actor = person({}, { isAdmin: true, scopes: [scope] });
      expect(isAllowed(actor, right, owned)).toBe(byScope.get(right)?.[column]);
    },
  );
});

describe('the role towards a thing', () => {
  it('is that of a member where the thing is shown to a group of the person, or to everybody', () => {
    expect(roleOf(person({ guests: 'admin' }), owned)).toBe('member');
    expect(roleOf(person(), { isGlobal: true })).toBe('member');
    expect(roleOf(person({ team: 'admin' }), { isGlobal: true })).toBe('member');
  });

  it('is nobody’s where no group owns it, and never comes from names that objects have', () => {
    expect(roleOf(person({ team: 'admin' }), { ownerGroup: null, groups: [] })).toBe('other');
    expect(roleOf(person(), { ownerGroup: 'constructor', groups: ['toString'] })).toBe('other');
  });
});

describe('what is not allowed', () => {
  const codeOf = (actor: Actor, right: Right) => {
    try {
      mustBeAllowed(actor, right, owned);
      return 'allowed';
    } catch (error) {
      return isBuilderError(error) ? error.code : error;
    }
  };

  it('is forbidden where the thing may be seen, and not found where it may not', () => {
    expect(codeOf(people.member, 'image.edit')).toBe('forbidden');
    expect(codeOf(people.other, 'image.edit')).toBe('not-found');
    expect(codeOf(people.other, 'job.cancel')).toBe('not-found');
    expect(codeOf(people.other, 'users.manage')).toBe('forbidden');
  });

  it('is forbidden to a token without the scope, however mighty its owner', () => {
    const actor = person({}, { isAdmin: true, scopes: ['read'] });
    expect(codeOf(actor, 'image.view')).toBe('allowed');
    expect(codeOf(actor, 'image.edit')).toBe('forbidden');
    expect(() => mustBeAllowed(actor, 'image.edit', owned)).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('"write"') }),
    );
  });

  it('is forbidden to a mighty token of a person who may not', () => {
    expect(codeOf(person({ team: 'member' }, { scopes: ['admin'] }), 'image.delete')).toBe('forbidden');
  });
});
