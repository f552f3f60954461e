import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBinaryReplacement, replaceInText } from './prefix-replacement.ts';

const placeholder = '/b/placehold';
const prefix = '/opt/conda';

/** The same in the plainest way there is: string by string, over the whole. */
function replacedPlainly(content: Buffer, old: string, now: string): Buffer {
  const strings = content.toString('latin1').split('\0');
  return Buffer.from(strings.map((each) => each.replaceAll(old, now).padEnd(each.length, '\0')).join('\0'), 'latin1');
}

function replaced(pieces: readonly Buffer[], old = placeholder, now = prefix): Buffer {
  const replacement = createBinaryReplacement(old, now);
  return Buffer.concat([...pieces.map((piece) => replacement.update(piece)), replacement.end()]);
}

/** Bytes in which placeholders, beginnings of them, NULs and others meet. */
const content = fc
  .array(
    fc.oneof(
      fc.constantFrom(placeholder, '\0', placeholder.slice(0, 5), '/b', '/lib', placeholder.slice(3)),
      fc.string({ unit: 'binary', maxLength: 4 }),
    ),
    { maxLength: 30 },
  )
  .map((parts) => Buffer.from(parts.join('')));

describe('createBinaryReplacement', () => {
  it('replaces in every C string, moves nothing, whatever the pieces', () => {
    fc.assert(
      fc.property(content, fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 8 }), (bytes, cuts) => {
        const places = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
        const pieces = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
        expect(replaced(pieces).toString('latin1')).toBe(
          replacedPlainly(bytes, placeholder, prefix).toString('latin1'),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('shows the loader the new path, twice in one string', () => {
    const bytes = Buffer.from(`\x7fELF\0${placeholder}/lib:${placeholder}/lib64\0next\0`);
    expect(replaced([bytes]).toString()).toBe(`\x7fELF\0${prefix}/lib:${prefix}/lib64\0\0\0\0\0next\0`);
  });

  it('refuses a prefix that does not fit, and takes one that just does', () => {
    expect(() => createBinaryReplacement('/short', '/much/longer')).toThrow('have room for a prefix of 6 bytes');
    expect(replaced([Buffer.from('/short/x\0')], '/short', '/other').toString()).toBe('/other/x\0');
  });
});

describe('replaceInText', () => {
  it('replaces all and only the placeholder, bytes that are no UTF-8 too', () => {
    fc.assert(
      fc.property(content, fc.uint8Array(), (bytes, more) => {
        const text = Buffer.concat([Buffer.from('x'), bytes, more]);
        const expected = text.toString('latin1').split(placeholder).join(prefix);
        expect(replaceInText(text, placeholder, prefix).toString('latin1')).toBe(expected);
      }),
    );
  });

  it('takes a prefix as it is written', () => {
    expect(replaceInText(Buffer.from('a=/p\n'), '/p', '/opt/$&ä').toString()).toBe('a=/opt/$&ä\n');
  });

  const long = `/${'deep/'.repeat(24)}env`;
  it.each([
    ['a short one stays', '#!/_h/bin/perl -w\nx', '/opt/conda', '#!/opt/conda/bin/perl -w\nx'],
    ['too long for Linux', '#!/_h/bin/perl -w\nx /_h\n', long, `#!/usr/bin/env perl -w\nx ${long}\n`],
    [
      'too long, Python: without a look at PATH',
      '#!/_h/bin/python3.12 -s\nx',
      long,
      `#!/bin/sh\n'''exec' "${long}/bin/python3.12" -s "$0" "$@" #'''\nx`,
    ],
    ['one line and no more', '#!/_h/bin/sh', '/opt/conda', '#!/opt/conda/bin/sh'],
    [
      'not of the environment',
      `#!/usr/bin/perl ${'-w '.repeat(50)}\n/_h`,
      '/n',
      `#!/usr/bin/env perl ${'-w '.repeat(50)}\n/n`,
    ],
  ])('keeps the first line one that Linux can follow: %s', (_name, text, target, expected) => {
    expect(replaceInText(Buffer.from(text), '/_h', target).toString()).toBe(expected);
  });
});
