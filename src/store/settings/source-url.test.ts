import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinSourceUrl, splitSourceUrl } from './source-url.ts';

describe('the URL of a source', () => {
  it('loses its credentials and gets them back, whatever they are', () => {
    const part = fc.string({ minLength: 1, unit: 'binary' });
    fc.assert(
      fc.property(part, part, (username, password) => {
        const full = joinSourceUrl('https://pypi.example.com/simple', { username, password });
        const { url, credentials } = splitSourceUrl(full, 'pip');
        expect(url).toBe('https://pypi.example.com/simple');
        expect(credentials).toEqual({ username, password });
        expect(joinSourceUrl(url, credentials)).toBe(full);
      }),
    );
  });

  it('may have a token alone', () => {
    const { url, credentials } = splitSourceUrl('https://tok@pypi.example.com/simple/', 'pip');
    expect({ url, credentials }).toEqual({ url: 'https://pypi.example.com/simple/', credentials: { username: 'tok' } });
    expect(joinSourceUrl(url, credentials)).toBe('https://tok@pypi.example.com/simple/');
  });

  it.each([
    ['https://conda.example.com/t/tok-1/team', 'https://conda.example.com/t/***/team'],
    ['https://conda.example.com/api/t/tok-1', 'https://conda.example.com/api/t/***'],
  ])('hides the token of a conda channel: %s', (full, hidden) => {
    const { url, credentials } = splitSourceUrl(full, 'conda');
    expect({ url, credentials }).toEqual({ url: hidden, credentials: { token: 'tok-1' } });
    expect(joinSourceUrl(url, credentials)).toBe(full);
    expect(splitSourceUrl(hidden, 'conda')).toEqual({ url: hidden, credentials: {} });
  });

  it('leaves the path of other sources alone', () => {
    expect(splitSourceUrl('https://deb.example.com/t/x/debian', 'apt').url).toBe('https://deb.example.com/t/x/debian');
  });

  it.each([
    ['', 'begin with'],
    ['pypi.example.com/hunter2', 'begin with'],
    ['file:///hunter2', 'begin with'],
    ['https://pypi.example.com/simple?token=hunter2', 'a query'],
    ['https://pypi.example.com/simple#hunter2', 'a query'],
    ['https://me:%zzhunter2@pypi.example.com/simple', 'not percent-encoded'],
    ['https://pypi.example.com/simple hunter2', 'white space'],
  ])('is refused without being quoted: %j', (text, why) => {
    const error = (() => {
      try {
        return splitSourceUrl(text, 'pip');
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toMatchObject({ code: 'request-invalid', problems: [{ field: 'url' }] });
    expect(inspect(error)).toContain(why);
    expect(inspect(error)).not.toContain('hunter2');
  });
});
