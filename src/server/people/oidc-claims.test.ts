import { assert, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readClaims } from './oidc-claims.ts';
import { localPath } from './oidc-routes.ts';

const groupsOf = (groups: unknown, more = {}) => readClaims({ sub: '1', groups }, { groupsClaim: 'groups', ...more });

describe('the claims of a person', () => {
  it('give a name that a user can have, whatever they are', () => {
    const valid = /^[a-z0-9][a-z0-9._-]{0,62}$/;
    assert(
      property(string({ unit: 'binary' }), string({ unit: 'grapheme' }), (sub, name) => {
        expect(readClaims({ sub, name, preferred_username: name }, {}).preferredName).toMatch(valid);
      }),
    );
  });

  it('are read in the order user name, e-mail address, full name, subject', () => {
    const claims = { sub: 'X-1', name: 'Zoë Müller', email: 'Zoe.M@example.com', preferred_username: 'Zoë' };
    const nameOf = (without: readonly string[]) => {
      const left = Object.entries(claims).filter(([name]) => !without.includes(name));
      return readClaims(Object.fromEntries(left), {}).preferredName;
    };
    expect(nameOf([])).toBe('zoe');
    expect(nameOf(['preferred_username'])).toBe('zoe.m');
    expect(nameOf(['preferred_username', 'email'])).toBe('zoe-muller');
    expect(nameOf(['preferred_username', 'email', 'name'])).toBe('x-1');
  });

  it('make members and administrators of groups, and leave out what is no group', () => {
    const groups = ['red', '/blue', 'blue/admin', 'green/admin', 'green', 'Not A Group', 'deep/er', 7, '__proto__'];
    expect(groupsOf(groups).memberships).toEqual({ red: 'member', blue: 'admin', green: 'admin' });
    expect(groupsOf('red').memberships).toEqual({ red: 'member' });
    expect(groupsOf(['red:owner'], { groupAdminSuffix: ':owner' }).memberships).toEqual({ red: 'admin' });
  });

  it('put a person whose groups are not told into none, and say nothing where they are not asked for', () => {
    expect(groupsOf(undefined)).toMatchObject({ memberships: {} });
    expect(groupsOf(undefined, { adminGroup: 'ops' })).toMatchObject({ isAdmin: false });
    expect(readClaims({ sub: '1', groups: ['red'] }, {})).not.toHaveProperty('memberships');
    expect(groupsOf(['red'])).not.toHaveProperty('isAdmin');
    expect(groupsOf(['/ops'], { adminGroup: 'ops' })).toMatchObject({ isAdmin: true });
  });
});

describe('the way back after signing in', () => {
  it('leads to a path of ours, whatever is asked for', () => {
    assert(
      property(string({ unit: 'binary' }), (text) => {
        for (const given of [text, `/${text}`, `//${text}`, `/\\${text}`]) {
          const path = localPath(given);
          expect(new URL(path, 'https://here.example').origin).toBe('https://here.example');
          expect(path).toMatch(/^\/(?![/\\])/);
        }
      }),
    );
  });

  it('keeps path and query', () => {
    expect(localPath('/images/a?page=2')).toBe('/images/a?page=2');
    for (const given of [
      '//evil.example',
      '/\\evil.example',
      '/\t/evil.example',
      '/a/..//evil.example',
      'https://evil.example',
      '',
      undefined,
    ]) {
      expect(localPath(given)).toBe('/');
    }
  });
});
