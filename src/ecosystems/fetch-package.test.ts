import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Script, serveScript } from '../../test/scripted-server.ts';
import { createHttpClient } from '../http/create-http-client.ts';
import { type FetchPackageOptions, fetchPackage } from './fetch-package.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fetch-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const content = Buffer.alloc(300_000, 'wheel bytes ');
const wheel = {
  title: 'wheel demo-1.0-py3-none-any.whl',
  sha256: createHash('sha256').update(content).digest('hex'),
  sizeBytes: content.length,
};

async function fetchFrom(script: Script, more: Partial<FetchPackageOptions & typeof wheel> = {}) {
  await using server = await serveScript(script);
  const file = join(directory, 'wheels', 'x.whl');
  const options = { http: createHttpClient({ env: {} }), signal: new AbortController().signal, ...more };
  await fetchPackage({ ...wheel, ...more, url: `${server.origin}/demo.whl` }, file, options);
  return { seen: server.seen, file };
}

describe('fetchPackage', () => {
  it('puts the wheel into the file, tells of the bytes, and asks once', async () => {
    let bytes = 0;
    const { file, seen } = await fetchFrom((_request, response) => response.end(content), {
      onBytes: (count) => (bytes += count),
    });
    expect(readFileSync(file).equals(content)).toBe(true);
    expect(bytes).toBe(content.length);
    expect(seen[0]!.headers['accept-encoding']).toBe('identity');
    expect((await fetchFrom(() => {})).seen).toEqual([]);
    expect(readdirSync(join(directory, 'wheels'))).toEqual(['x.whl']);
  });

  it('goes on where a broken connection stopped', async () => {
    const { file, seen } = await fetchFrom((request, response, count) => {
      const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
      const range = { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` };
      response.writeHead(from > 0 ? 206 : 200, { 'content-length': content.length - from, ...(from > 0 && range) });
      if (count === 3) return response.end(content.subarray(from));
      return response.write(content.subarray(from, from + 100_000), () => response.destroy());
    });
    expect(readFileSync(file).equals(content)).toBe(true);
    expect(seen).toHaveLength(3);
    expect(seen[1]!.headers.range).toMatch(/^bytes=[1-9]\d*-$/);
  });

  it('begins again when the server does', async () => {
    const { file } = await fetchFrom((_request, response, count) => {
      response.writeHead(200, { 'content-length': content.length });
      if (count === 2) return response.end(content);
      return response.write(content.subarray(0, 100_000), () => response.destroy());
    });
    expect(readFileSync(file).equals(content)).toBe(true);
  });

  it.each<[string, string, Script]>([
    ['other bytes', 'content-mismatch', (_request, response) => response.end(Buffer.alloc(content.length))],
    ['too few bytes', 'content-mismatch', (_request, response) => response.end(content.subarray(1))],
    ['too many bytes', 'content-mismatch', (_request, response) => response.end(Buffer.concat([content, content]))],
    ['a refusal', 'package-unavailable', (_request, response) => response.writeHead(404).end()],
    [
      'connections that always break',
      'package-unavailable',
      (_request, response) => {
        response.writeHead(200, { 'content-length': content.length });
        response.write('x', () => response.destroy());
      },
    ],
  ])('refuses %s and leaves nothing behind', async (_what, code, script) => {
    await expect(fetchFrom(script)).rejects.toMatchObject({ code, message: expect.stringContaining(wheel.title) });
    expect(readdirSync(join(directory, 'wheels'))).toEqual([]);
  });

  it('sends credentials to the URL they are for', async () => {
    const { seen } = await fetchFrom((_request, response) => response.end(content), {
      credentialsFor: () => 'Basic eDp5',
    });
    expect(seen[0]!.headers.authorization).toBe('Basic eDp5');
  });

  it('stops when it is cancelled', async () => {
    const controller = new AbortController();
    const fetching = fetchFrom(
      (_request, response) => response.write(content.subarray(0, 1000), () => controller.abort()),
      {
        signal: controller.signal,
      },
    );
    await expect(fetching).rejects.toMatchObject({ code: 'cancelled' });
    expect(readdirSync(join(directory, 'wheels'))).toEqual([]);
  });

  it('fetches from https and this machine only, and shows no password', async () => {
    const file = join(directory, 'x.whl');
    const options = { http: createHttpClient({ env: {} }), signal: new AbortController().signal };
    for (const url of ['http://user:secret@files.example.com/x.whl', 'file:///etc/passwd', 'nonsense']) {
      const refusal = fetchPackage({ ...wheel, url }, file, options);
      await expect(refusal).rejects.toMatchObject({ code: 'package-unavailable' });
      await expect(refusal).rejects.not.toThrow('secret');
    }
  });
});
