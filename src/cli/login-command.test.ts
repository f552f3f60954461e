import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runWords } from './run-cli.fixture.ts';
import { parseServerUrl } from './server-connection.ts';

/** Two servers that know one token each, and keep what they were sent. */
async function startKnowing(token: string) {
  const sent: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    sent.push(request.headers.authorization);
    const isKnown = request.headers.authorization === `Bearer ${token}`;
    response.writeHead(isKnown ? 200 : 401, { 'content-type': 'application/json' });
    const page = { items: [], total: 0, page: 1, pageSize: 20 };
    const me = { name: 'alice', displayName: 'Alice', isAdmin: true, groups: {} };
    const refused = { code: 'unauthorized', detail: 'The token is not known', problems: [] };
    response.end(JSON.stringify(isKnown ? (request.url === '/api/v1/me' ? me : page) : refused));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { url, sent, close };
}

let servers: Awaited<ReturnType<typeof startKnowing>>[];
let home: string;
beforeAll(async () => {
  servers = [await startKnowing('first-token'), await startKnowing('second-token')];
});
afterAll(() => Promise.all(servers.map(({ close }) => close())));
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'login-'));
  for (const { sent } of servers) sent.length = 0;
  return () => rm(home, { recursive: true });
});

const stored = () => join(home, '.config/imagewright/server.json');
const run = (words: string[], env: Record<string, string> = {}, input: string | PassThrough = '') =>
  runWords(words, { env: { HOME: home, ...env }, input });

describe('imagewright login', () => {
  it('keeps a token that the server knows, for its owner only', async () => {
    const [{ url }] = servers as [(typeof servers)[0]];
    const { exit, stdout, stderr } = await run(['login', url], {}, 'first-token\n');
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: '' });
    expect(stderr).toContain(`Signed in to ${url} as alice, an administrator`);
    expect(stderr).not.toContain('first-token');
    expect(JSON.parse(await readFile(stored(), 'utf8'))).toEqual({ url, token: 'first-token' });
    expect((await stat(stored())).mode & 0o777).toBe(0o600);
    expect(await run(['images', 'list'])).toMatchObject({ exit: 0, stdout: 'There are no images.\n' });
  });

  it('keeps nothing when the token is refused', async () => {
    const { exit, stderr } = await run(['login', servers[0]!.url, '--token', 'wrong']);
    expect(exit).toBe(6);
    expect(stderr).toContain('The token is not known');
    await expect(stat(stored())).rejects.toThrow();
  });

  it('sends the token to the server that it was stored for, and to no other', async () => {
    const [one, other] = servers as [(typeof servers)[0], (typeof servers)[0]];
    await run(['login', one.url], {}, 'first-token');
    const { exit, stderr } = await run(['images', 'list', '--server', other.url]);
    expect(exit).toBe(6);
    expect(stderr).toContain(`imagewright login ${other.url}`);
    expect(other.sent).toEqual([undefined]);
  });

  it('lets the environment count more than what is stored', async () => {
    const [one, other] = servers as [(typeof servers)[0], (typeof servers)[0]];
    await run(['login', one.url], {}, 'first-token');
    const env = { IMAGEWRIGHT_SERVER: other.url, IMAGEWRIGHT_TOKEN: 'second-token' };
    expect(await run(['images', 'list'], env)).toMatchObject({ exit: 0 });
    expect(one.sent).toHaveLength(1);
  });

  it('asks on a terminal and shows nothing of what is typed', async () => {
    const terminal = Object.assign(new PassThrough(), {
      isTTY: true,
      setRawMode: (raw: boolean) => void modes.push(raw),
    });
    const modes: boolean[] = [];
    for (const typed of ['first-', 'x\x7f', 'token', '\r']) terminal.write(typed);
    const { exit, stderr } = await run(['login', servers[0]!.url], {}, terminal);
    expect(exit).toBe(0);
    expect(stderr).toMatch(/^Token for http:\S+: \nSigned in/);
    expect(modes).toEqual([true, false]);
  });

  it('ends without a word of the token on Ctrl-C, on none, and on one that is no token', async () => {
    const terminal = Object.assign(new PassThrough(), { isTTY: true });
    terminal.write('first-\x03');
    expect(await run(['login', servers[0]!.url], {}, terminal)).toMatchObject({ exit: 130 });
    expect(await run(['login', servers[0]!.url])).toMatchObject({ exit: 2 });
    const odd = await run(['login', servers[0]!.url], {}, 'first token\nsecond');
    expect(odd).toMatchObject({ exit: 2, stderr: expect.not.stringContaining('first token') });
    expect(servers[0]!.sent).toEqual([]);
  });

  it('is forgotten by logout', async () => {
    await run(['login', servers[0]!.url], {}, 'first-token');
    expect(await run(['logout'])).toMatchObject({ exit: 0, stderr: `Signed out of ${servers[0]!.url}\n` });
    await expect(stat(stored())).rejects.toThrow();
    expect(await run(['logout'])).toMatchObject({ exit: 0, stderr: 'Nobody was signed in.\n' });
  });

  it('says what is wrong when nobody answers', async () => {
    const { exit, stderr } = await run(['images', 'list', '--server', 'http://127.0.0.1:1']);
    expect(exit).toBe(5);
    expect(stderr).toMatch(/No Imagewright answers at http:\/\/127\.0\.0\.1:1: .*refused\nhint: /);
  });
});

describe('parseServerUrl', () => {
  it.each([
    ['https://imagewright.example.com/', 'https://imagewright.example.com'],
    ['HTTP://Imagewright.Example.com:8080', 'http://imagewright.example.com:8080'],
    ['imagewright.example.com:8443', 'https://imagewright.example.com:8443'],
    ['127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['localhost:8080', 'http://localhost:8080'],
    ['[::1]:80', 'http://[::1]'],
  ])('reads %s', (typed, url) => {
    expect(parseServerUrl(typed)).toBe(url);
  });

  it.each(['', 'ftp://a', 'https://', 'http://u:p@a', 'https://a/b', 'https://a?b', 'https://a#b', 'a b'])(
    'refuses "%s"',
    (typed) => {
      expect(() => parseServerUrl(typed)).toThrow(expect.objectContaining({ code: 'command-invalid' }));
    },
  );
});
