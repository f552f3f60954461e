import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseChallenges } from './challenge.ts';

describe('parseChallenges', () => {
  it.each([
    [
      'Bearer realm="https://auth.example.com/token",service="registry.example.com",scope="repository:a/b:pull,push"',
      [
        {
          scheme: 'bearer',
          parameters: {
            realm: 'https://auth.example.com/token',
            service: 'registry.example.com',
            scope: 'repository:a/b:pull,push',
          },
        },
      ],
    ],
    ['Basic realm=registry', [{ scheme: 'basic', parameters: { realm: 'registry' } }]],
    ['BASIC', [{ scheme: 'basic', parameters: {} }]],
    [
      'Negotiate, Basic Realm = "a \\"b\\" \\\\ , c", Bearer realm="x"',
      [
        { scheme: 'negotiate', parameters: {} },
        { scheme: 'basic', parameters: { realm: 'a "b" \\ , c' } },
        { scheme: 'bearer', parameters: { realm: 'x' } },
      ],
    ],
    ['', []],
    ['"quoted"', []],
  ])('reads %j', (header, expected) => expect(parseChallenges(header)).toEqual(expected));

  it('reads back whatever realm and scope a registry may quote', () => {
    const value = fc.string().filter((text) => !/[\r\n]/.test(text));
    const quote = (text: string) => `"${text.replace(/[\\"]/g, '\\$&')}"`;
    fc.assert(
      fc.property(value, value, (realm, scope) => {
        expect(parseChallenges(`Bearer realm=${quote(realm)}, scope=${quote(scope)}, Basic realm="b"`)).toEqual([
          { scheme: 'bearer', parameters: { realm, scope } },
          { scheme: 'basic', parameters: { realm: 'b' } },
        ]);
      }),
    );
  });

  it('comes to an end whatever it is given', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => void parseChallenges(text)));
  });
});
