import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Script, serveScript } from '../../../test/scripted-server.ts';
import { createHttpClient } from '../../http/create-http-client.ts';
import { openWheelStore } from './wheel-store.ts';

let wheelDir: string;
beforeEach(() => {
  wheelDir = mkdtempSync(join(tmpdir(), 'wheels-'));
});
afterEach(() => rmSync(wheelDir, { recursive: true }));

const content = Buffer.alloc(300_000, 'wheel bytes ');
const sha256 = createHash('sha256').update(content).digest('hex');
const never = new AbortController().signal;

/** A store and a wheel on a server that answers as the script says. */
async function stand(script: Script) {
  const server = await serveScript(script);
  const store = openWheelStore({ wheelDir, http: createHttpClient({ env: {} }) });
  const wheel = {
    filename: 'demo-1.0-py3-none-any.whl',
    url: `${server.origin}/demo.whl`,
    sha256,
    sizeBytes: content.length,
  };
  return { server, store, wheel, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

describe('openWheelStore', () => {
  it('gives to who asks later what is on its way already, and tells of all its bytes', async () => {
    const half = Promise.withResolvers<void>();
    await using bed = await stand((_request, response) => {
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 100_000), () => setTimeout(() => half.resolve(), 50));
      setTimeout(() => response.end(content.subarray(100_000)), 200);
    });
    bed.store.prefetch([bed.wheel]);
    bed.store.prefetch([bed.wheel]);
    await half.promise;
    let bytes = 0;
    await bed.store.fetch(bed.wheel, { signal: never, onBytes: (count) => (bytes += count) });
    expect(bytes).toBe(content.length);
    expect(bed.server.seen).toHaveLength(1);
    expect(readFileSync(bed.store.fileOf(bed.wheel)).equals(content)).toBe(true);
  });

  it('fetches by itself what could not be prefetched, and then tells why not', async () => {
    await using bed = await stand((_request, response, count) => {
      response.writeHead(count === 1 ? 404 : 403).end();
    });
    bed.store.prefetch([bed.wheel]);
    await expect(bed.store.fetch(bed.wheel, { signal: never })).rejects.toMatchObject({
      code: 'package-unavailable',
      message: expect.stringContaining('403'),
    });
  });

  it('stops what is not wanted after all, and leaves nothing of it', async () => {
    const asked = Promise.withResolvers<void>();
    await using bed = await stand((_request, response) => {
      response.writeHead(200, { 'content-length': content.length }).write(content.subarray(0, 10));
      response.once('close', () => asked.resolve());
    });
    bed.store.prefetch([bed.wheel]);
    await expect.poll(() => bed.server.seen.length).toBe(1);
    bed.store.keepOnly([]);
    await asked.promise;
    await expect.poll(() => readdirSync(wheelDir)).toEqual([]);
  });

  it('lets who waits give up', async () => {
    await using bed = await stand((_request, response) => {
      response.writeHead(200, { 'content-length': content.length }).write(content.subarray(0, 10));
    });
    bed.store.prefetch([bed.wheel]);
    const controller = new AbortController();
    const waiting = bed.store.fetch(bed.wheel, { signal: controller.signal });
    setTimeout(() => controller.abort(), 50);
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
  });
});
