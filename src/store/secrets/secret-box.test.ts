import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSecretBox, keyIdOf } from './secret-box.ts';

const [old, current] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
const box = createSecretBox([current]);

describe('a secret box', () => {
  it('gives back what it was given, and never shows it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (plain, about) => {
        const sealed = box.seal(plain, about);
        expect(sealed).toMatch(/^v1:[0-9a-f]{8}:[\w-]{16}:[\w-]{22,}$/);
        expect(box.open(sealed, about)).toBe(plain);
      }),
    );
  });

  it('never seals a text twice alike', () => {
    expect(new Set(Array.from({ length: 100 }, () => box.seal('same', 'here'))).size).toBe(100);
  });

  it('opens nothing in another place', () => {
    const sealed = box.seal('secret', 'pull-secret/1');
    expect(() => box.open(sealed, 'pull-secret/2')).toThrow(/changed, or sealed for another place/);
  });

  it('opens nothing that was changed', () => {
    const sealed = box.seal('secret', 'here');
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), fc.constantFrom(...'Aa0_-:'), (at, letter) => {
        const changed = `${sealed.slice(0, at)}${letter}${sealed.slice(at + 1)}`;
        // The last letter of base64 has bits that say nothing.
        fc.pre(changed !== sealed && at !== sealed.length - 1);
        expect(() => box.open(changed, 'here')).toThrow(/secret of here/);
      }),
    );
  });

  it.each(['', 'secret', 'v1', 'v1:a:b', 'v2:a:b:c', 'v1:a:b:c:d'])('says that %j is not sealed', (text) => {
    expect(() => box.open(text, 'here')).toThrow(/not in a format/);
  });

  it('seals with the first key and opens with all', () => {
    const before = createSecretBox([old]).seal('secret', 'here');
    const rotated = createSecretBox([current, old]);
    expect(rotated.open(before, 'here')).toBe('secret');
    expect(rotated.needsResealing(before)).toBe(true);
    const after = rotated.seal('secret', 'here');
    expect(rotated.needsResealing(after)).toBe(false);
    expect(box.open(after, 'here')).toBe('secret');
  });

  it('names a key that is missing', () => {
    const sealed = createSecretBox([old]).seal('secret', 'here');
    const opening = () => box.open(sealed, 'here');
    expect(opening).toThrow(`sealed with the key ${keyIdOf(old)}, which is missing`);
    expect(opening).toThrow(expect.objectContaining({ hint: expect.stringContaining('IMAGEWRIGHT_SECRET_KEY') }));
  });
});
