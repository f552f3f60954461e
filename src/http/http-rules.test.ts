import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLoopbackHost } from './loopback.ts';
import { isPublicAddress } from './public-address.ts';
import { readBody } from './read-body.ts';
import { redactUrl } from './redact-url.ts';
import { redirected } from './redirect.ts';
import { retryDelayMs } from './retry.ts';

describe('isPublicAddress', () => {
  it.each(['8.8.8.8', '1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450:4001::1'])(
    'takes %s',
    (ip) => expect(isPublicAddress(ip)).toBe(true),
  );

  it.each([
    ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.1', '127.9.9.9', '169.254.169.254', '172.16.0.1', '192.168.1.1'],
    ...['198.18.0.1', '224.0.0.1', '255.255.255.255', '::', '::1', '::ffff:8.8.8.8', '::ffff:7f00:1', '64:ff9b::a00:1'],
    ...['fc00::1', 'fd12::1', 'fe80::1', 'fe80::1%eth0', 'ff02::1', '2001:db8::1', '2002:7f00:1::', '2001::1', ''],
    ...['localhost', '8.8.8', '2606:4700::1111%0'],
  ])('refuses %j', (ip) => expect(isPublicAddress(ip)).toBe(false));
});

describe('isLoopbackHost', () => {
  it.each(['localhost', 'LOCALHOST', '127.0.0.1', '127.255.0.1', '[::1]', '::1'])('takes %s', (host) =>
    expect(isLoopbackHost(host)).toBe(true),
  );
  it.each(['localhost.example.com', '127.0.0.1.example.com', '128.0.0.1', 'a-127.0.0.1', ''])('refuses %j', (host) =>
    expect(isLoopbackHost(host)).toBe(false),
  );
});

describe('redactUrl', () => {
  it('shows where, not with what', () => {
    expect(redactUrl('https://user:secret@example.com:8443/a/b?X-Signature=secret#secret')).toBe(
      'https://example.com:8443/a/b',
    );
    expect(redactUrl('https://conda.example.com/t/secret/main')).toBe('https://conda.example.com/t/***/main');
    expect(redactUrl('secret')).toBe('(not a URL)');
  });

  it('never shows a password', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9]{12,20}$/), (secret) => {
        expect(redactUrl(`https://u:${secret}@example.com/p?q=${secret}#${secret}`)).not.toContain(secret);
      }),
    );
  });
});

describe('retryDelayMs', () => {
  it('doubles, within half and whole, up to ten seconds', () => {
    for (let attempt = 1; attempt < 20; attempt++) {
      const full = Math.min(100 * 2 ** (attempt - 1), 10_000);
      const ms = retryDelayMs(attempt);
      expect(ms).toBeGreaterThanOrEqual(full / 2);
      expect(ms).toBeLessThanOrEqual(full);
    }
  });

  it('takes seconds or a date, up to a minute, and nothing else', () => {
    expect(retryDelayMs(1, '3')).toBe(3000);
    expect(retryDelayMs(1, '86400')).toBe(60_000);
    expect(retryDelayMs(1, new Date(Date.now() + 3_600_000).toUTCString())).toBe(60_000);
    expect(retryDelayMs(1, new Date(0).toUTCString())).toBe(0);
    expect(retryDelayMs(1, 'soon')).toBeLessThanOrEqual(100);
  });
});

describe('redirected', () => {
  const message = { method: 'GET', url: new URL('https://example.com/a'), headers: { authorization: 'x' } } as const;

  it.each([undefined, 'http://example.com/a', 'ftp://example.com/', 'file:///etc/passwd', 'https://'])(
    'refuses %s',
    (to) =>
      expect(() => redirected(message, 302, to)).toThrow(
        expect.objectContaining({ code: 'registry-invalid-response' }),
      ),
  );

  it('may go to this machine over plain HTTP, without credentials', () => {
    expect(redirected(message, 302, 'http://127.0.0.1:5000/b')).toMatchObject({ headers: {} });
  });

  it('takes another port or scheme for another origin', () => {
    expect(redirected(message, 302, 'https://example.com:8443/b').headers).toEqual({});
    expect(redirected(message, 302, 'https://example.com:443/b').headers).toEqual({ authorization: 'x' });
  });
});

describe('readBody', () => {
  const response = (chunks: string[], headers = {}) => ({
    status: 200,
    headers,
    url: new URL('https://user:secret@example.com/x'),
    body: Readable.from(chunks.map((chunk) => Buffer.from(chunk))),
  });

  it('reads up to the limit', async () => {
    expect((await readBody(response(['ab', 'cd']), 4)).toString()).toBe('abcd');
  });

  it('refuses one byte more, announced or not', async () => {
    const refusal = { code: 'limit-exceeded', message: expect.not.stringContaining('secret') };
    await expect(readBody(response(['ab', 'cd', 'e']), 4)).rejects.toMatchObject(refusal);
    const announced = response([], { 'content-length': '5' });
    await expect(readBody(announced, 4)).rejects.toMatchObject(refusal);
    expect(announced.body.destroyed).toBe(true);
  });
});
