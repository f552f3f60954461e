import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf } from '../../src/oci/digest.ts';
import { type RunningServer, startServer } from '../../src/server/start-server.ts';
import { runCommand, tryCommand } from '../run-command.ts';

const disk = await mountSmallDisk();
if (disk === undefined) console.log('skipped: only the superuser can mount a disk that is soon full');

let server: RunningServer;
const logged: string[] = [];
beforeAll(async () => {
  if (disk === undefined) return;
  const log = (line: string) => void logged.push(line);
  server = await startServer({ listen: { host: '127.0.0.1', port: 0 }, dataDir: disk, log });
});
afterAll(async () => {
  if (disk === undefined) return;
  await server.close();
  await runCommand('umount', [disk]);
  await rm(disk, { recursive: true });
});

/** A disk of four megabytes, if one may be mounted here. */
async function mountSmallDisk(): Promise<string | undefined> {
  const directory = await mkdtemp(join(tmpdir(), 'registry-disk-'));
  const { exitCode } = await tryCommand('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'none', directory]);
  if (exitCode === 0) return directory;
  await rm(directory, { recursive: true });
  return undefined;
}

const ask = async (method: string, path: string, body?: Buffer) => {
  const init = { method, ...(body && { body: new Uint8Array(body) }) };
  const response = await fetch(new URL(path, server.url), init);
  return { status: response.status, headers: response.headers, body: Buffer.from(await response.arrayBuffer()) };
};

describe.skipIf(disk === undefined)('a disk that is full', () => {
  const kept = randomBytes(1_000_000);
  const tooMuch = randomBytes(8_000_000);

  it('is said so, and loses nothing', async () => {
    expect((await ask('POST', `/v2/a/blobs/uploads/?digest=${digestOf(kept)}`, kept)).status).toBe(201);
    const full = await ask('POST', `/v2/a/blobs/uploads/?digest=${digestOf(tooMuch)}`, tooMuch);
    expect(full.status).toBe(507);
    expect(String(full.body)).toContain('The disk that holds the blobs is full');
    expect((await ask('GET', `/v2/a/blobs/${digestOf(kept)}`)).body.equals(kept)).toBe(true);
    expect((await ask('HEAD', `/v2/a/blobs/${digestOf(tooMuch)}`)).status).toBe(404);
    expect(await readdir(join(disk!, 'registry/tmp'))).toEqual([]);
  });

  it('keeps an upload that reached its end, to go on from there when there is room', async () => {
    const location = (await ask('POST', '/v2/a/blobs/uploads/')).headers.get('location')!;
    expect((await ask('PATCH', location, tooMuch)).status).toBe(507);
    const received = Number((await ask('GET', location)).headers.get('range')!.split('-')[1]) + 1;
    expect(received).toBeGreaterThan(1_000_000);
    await runCommand('mount', ['-o', 'remount,size=32m', disk!]);
    expect((await ask('PATCH', location, tooMuch.subarray(received))).status).toBe(202);
    expect((await ask('PUT', `${location}?digest=${digestOf(tooMuch)}`)).status).toBe(201);
    expect((await ask('GET', `/v2/a/blobs/${digestOf(tooMuch)}`)).body.equals(tooMuch)).toBe(true);
    expect(logged).toEqual([]);
  });
});
