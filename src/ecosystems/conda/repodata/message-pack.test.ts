import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeMessagePack } from '../../../../test/encode-message-pack.ts';
import { decodeMessagePack } from './message-pack.ts';

describe('decodeMessagePack', () => {
  it('reads what is written', () => {
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.constant(null),
        fc.boolean(),
        fc.maxSafeInteger(),
        fc.double({ noNaN: true }),
        fc.string({ unit: 'binary' }),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(fc.string(), tie('value'), { maxKeys: 4, noNullPrototype: true }),
      ),
    }));
    fc.assert(
      fc.property(value, (written) => {
        expect(decodeMessagePack(encodeMessagePack(written))).toEqual(written);
      }),
    );
  });

  it.each([
    ['80', {}],
    ['81a16101', { a: 1 }],
    ['9301ff7f', [1, -1, 127]],
    ['c403010aff', '010aff'],
    ['c5000201ab', '01ab'],
    ['cc80', 128],
    ['cd0100', 256],
    ['ce00010000', 65_536],
    ['cf0000018bcfe56800', 1_700_000_000_000],
    ['d0ff', -1],
    ['d1ff00', -256],
    ['d2ffff0000', -65_536],
    ['ca3fc00000', 1.5],
    ['da000161', 'a'],
    ['db0000000161', 'a'],
    ['dc000101', [1]],
    ['de0001a161c3', { a: true }],
  ])('reads %s', (hex, value) => {
    expect(decodeMessagePack(Buffer.from(hex, 'hex'))).toEqual(value);
  });

  it.each(['', 'c1', '81', 'a2', '8101', '0101', 'd901', '91'.repeat(100), 'dfffffffff', 'dbffffffff'])(
    'refuses %j',
    (hex) => {
      expect(() => decodeMessagePack(Buffer.from(hex, 'hex'))).toThrow();
    },
  );
});
