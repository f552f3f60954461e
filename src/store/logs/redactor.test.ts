import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLineSplitter } from './line-splitter.ts';
import { createRedactor } from './redactor.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const asJson = (text: string) => JSON.stringify(text).slice(1, -1);
const everyUnit = (text: string) =>
  [...Array(text.length).keys()].map((at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`).join('');
const everyByte = (text: string) => `%${Buffer.from(text).toString('hex').match(/../g)!.join('%')}`;

/** All ways to write a secret that must not survive; `around` is what is encoded with it. */
const forms: Readonly<Record<string, (secret: string, around: readonly [string, string]) => string>> = {
  raw: (secret) => secret,
  'percent-encoded': (secret) => encodeURIComponent(secret),
  'percent-encoded in lower case': (secret) =>
    encodeURIComponent(secret).replace(/%../g, (found) => found.toLowerCase()),
  'percent-encoded byte by byte': everyByte,
  'of a form': (secret) => new URLSearchParams([['', secret]]).toString().slice(1),
  json: asJson,
  'json in ASCII': everyUnit,
  'json in json': (secret) => asJson(asJson(secret)),
  'a percent-encoded part of json': (secret) => asJson(encodeURIComponent(secret)),
  'percent-encoded in json, every character escaped': (secret) => everyUnit(everyByte(secret)),
  base64: (secret, [before, after]) => base64(before + secret + after),
  base64url: (secret, [before, after]) => Buffer.from(before + secret + after).toString('base64url'),
  'base64 of json': (secret, [before, after]) => base64(`${before}${JSON.stringify({ password: secret })}${after}`),
  'percent-encoded base64': (secret, [before, after]) => encodeURIComponent(base64(before + secret + after)),
};

/** True when somebody who decodes what looks like base64, from any of its characters on, finds the secret. */
function hasInBase64(text: string, secret: string): boolean {
  const bytes = Buffer.from(secret);
  const json = Buffer.from(asJson(secret));
  return (text.match(/[\w+/-]{6,}/g) ?? []).some((run) =>
    [0, 1, 2, 3].some((skip) => {
      const decoded = Buffer.from(run.slice(skip), 'base64');
      return decoded.includes(bytes) || decoded.includes(json);
    }),
  );
}

const line = fc.string({ unit: 'binary', maxLength: 30 }).map((text) => text.replace(/[\r\n]/g, ''));
// A secret of asterisks alone cannot be told from what stands in its place.
const secret = fc
  .oneof(
    fc.string({ unit: 'binary', minLength: 6, maxLength: 40 }),
    fc.string({ unit: fc.constantFrom(...'ab"\\%/+-_ =&é'), minLength: 6, maxLength: 12 }),
    fc.string({ unit: 'grapheme', minLength: 6, maxLength: 20 }),
  )
  .filter((text) => text.trim().length >= 6 && !/[\r\n*]/.test(text));

describe('createRedactor', () => {
  it.each(Object.keys(forms))('lets no secret through: %s', (name) => {
    const property = fc.property(secret, line, line, fc.tuple(line, line), (value, before, after, around) => {
      const form = forms[name]!(value, around);
      const output = createRedactor([value]).redact(before + form + after);
      expect(output).toContain('***');
      expect(output).not.toContain(value);
      if (!name.includes('base64')) expect(output).not.toContain(form);
      expect(hasInBase64(output, value)).toBe(false);
    });
    fc.assert(property, { numRuns: 300 });
  });

  it('lets no secret through, however the text comes', () => {
    const chunking = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 20 });
    const property = fc.property(
      fc.array(secret, { minLength: 1, maxLength: 3 }),
      fc.array(line, { minLength: 1, maxLength: 5 }),
      chunking,
      (secrets, lines, sizes) => {
        const text = lines
          .map((each, index) => each + Object.values(forms)[index % 6]!(secrets[index % secrets.length]!, ['', '']))
          .join('\n');
        const redactor = createRedactor(secrets);
        const output: string[] = [];
        const splitter = createLineSplitter((each) => output.push(redactor.redact(each)));
        const bytes = Buffer.from(text);
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const size = sizes[turn % sizes.length]!;
          splitter.add(bytes.subarray(at, at + size));
          at += size;
        }
        splitter.end();
        for (const value of secrets) expect(output.join('\n')).not.toContain(value);
      },
    );
    fc.assert(property, { numRuns: 300 });
  });

  it('leaves a line without secrets as it is', () => {
    const property = fc.property(line, secret, (text, value) => {
      fc.pre(!text.includes(value));
      expect(createRedactor([`${value}-and-something-that-is-not-there`]).redact(text)).toBe(text);
    });
    fc.assert(property);
  });

  it.each([
    ['password hunter22 is wrong', 'password *** is wrong'],
    ['https://bob:hunter22@host/?p=hunter22&q', 'https://bob:***@host/?p=***&q'],
    [`Authorization: Basic ${base64('bob:hunter22')}`, 'Authorization: Basic Ym9iO***'],
    [`<${base64('hunter22,and more')}>`, `<***${base64('hunter22,and more').slice(11)}>`],
    ['hunter22hunter22', '******'],
    ['hunter\x1b[31m22\x1b[0m!', '***\x1b[0m!'],
    ['é hunter22 é', 'é *** é'],
  ])('makes of %j %j', (text, expected) => {
    expect(createRedactor(['hunter22']).redact(text)).toBe(expected);
  });

  it('is not misled by what could be half of an escape', () => {
    const { redact } = createRedactor(['ab/cdefg', 'nop"qrst']);
    expect(redact('100%ab%2Fcdefg, C:\\nop\\"qrst')).toBe('100%***, C:\\***');
  });

  it('looks for the whole of secrets that overlap', () => {
    expect(createRedactor(['abcdefgh', 'efghijkl']).redact('<abcdefghijkl>')).toBe('<***>');
    expect(createRedactor(['abcabcabc']).redact('<abcabcabcabc>')).toBe('<***>');
  });

  it('looks for each line of a secret, but not for short ones', () => {
    const key = '-----BEGIN KEY-----\r\n  MIIEabcdef\nxyz==\n-----END KEY-----\n';
    const { redact } = createRedactor([key, 'short']);
    expect(redact('MIIEabcdef, xyz==, short')).toBe('***, xyz==, short');
    expect(redact(JSON.stringify({ key }))).not.toMatch(/BEGIN|MIIE|END/);
    expect(redact(base64(key))).not.toContain(base64('MIIEabcdef').slice(3, 9));
  });

  it('takes a time in proportion to the length of a line', () => {
    const { redact } = createRedactor(['\\'.repeat(40), 'aaaaaaaaaaaaaaaaaaaaab', '%25%25%25%25']);
    const msFor = (length: number) => {
      const line = '\\'.repeat(length + 1) + 'a'.repeat(length) + '%25'.repeat(length / 10);
      const started = performance.now();
      redact(line);
      return performance.now() - started;
    };
    const least = (length: number) => Math.min(...[1, 2, 3, 4, 5].map(() => msFor(length)));
    // In proportion to its square it would be 64 times as long.
    expect(least(40_000) / least(5000)).toBeLessThan(40);
  });
});
