import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOf } from './digest.ts';
import { formatReference, parseReference } from './reference.ts';

const digest = digestOf('x');

describe('parseReference', () => {
  it.each([
    ['python', 'docker.io/library/python:latest'],
    ['python:3.11', 'docker.io/library/python:3.11'],
    ['team/python', 'docker.io/team/python:latest'],
    ['index.docker.io/library/python:3', 'docker.io/library/python:3'],
    ['localhost/python', 'localhost/python:latest'],
    ['localhost:5000/a/b/c:t', 'localhost:5000/a/b/c:t'],
    ['R.Example.com/a', 'r.example.com/a:latest'],
    ['[::1]:5000/a:b', '[::1]:5000/a:b'],
    [`r.example.com/a@${digest}`, `r.example.com/a@${digest}`],
    [`r.example.com/a:t@${digest}`, `r.example.com/a:t@${digest}`],
  ])('%s means %s', (text, meaning) => expect(formatReference(parseReference(text))).toBe(meaning));

  it.each([
    ['', 'it is empty'],
    ['a b', 'white space'],
    ['a\u200bb', 'white space or a control character'],
    ['a\nFROM evil', 'white space or a control character'],
    ['https://r.example.com/a', 'scheme'],
    ['r.example.com/A', 'lower-case'],
    ['r.example.com/../a', 'lower-case'],
    ['r.example.com/a:', 'the tag ""'],
    [`r.example.com/a:${'t'.repeat(129)}`, 'the tag'],
    ['r.example.com/a@sha256:12', 'not a sha256'],
    ['r.example.com:99999999/a', 'host name'],
    ['-bad.example.com/a', 'host name'],
    [`r.example.com/${'a/'.repeat(200)}a`, 'lower-case'],
  ])('refuses %j', (text, why) => {
    expect(() => parseReference(text)).toThrowError(
      expect.objectContaining({ code: 'reference-invalid', message: expect.stringContaining(why) }),
    );
  });

  it('reads what it writes', () => {
    const part = fc.stringMatching(/^[a-z0-9]{1,8}([._-][a-z0-9]{1,4})?$/);
    const references = fc.record({
      repository: fc.record({
        registry: fc.constantFrom('r.example.com', '127.0.0.1:5000', 'localhost', '[::1]:80'),
        name: fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/')),
      }),
      tag: fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,20}$/),
    });
    fc.assert(
      fc.property(references, (reference) => {
        expect(parseReference(formatReference(reference))).toEqual(reference);
      }),
    );
  });

  it('never throws anything but its own refusal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
        try {
          parseReference(text);
        } catch (error) {
          expect(error).toMatchObject({ code: 'reference-invalid' });
        }
      }),
    );
  });
});
