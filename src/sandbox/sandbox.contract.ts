import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LayerIndex } from '../rootfs/layer-index.ts';
import type { Rootfs } from '../rootfs/rootfs.ts';
import { scanLayer } from '../rootfs/scan-layer.ts';
import { writeChangesLayer } from './changes-layer.ts';
import type { Room, RoomCommand, Sandbox, SandboxRootfs } from './sandbox.ts';

export interface SandboxUnderTest {
  readonly sandbox: Sandbox;
  /** A Debian. */
  readonly image: SandboxRootfs;
  readonly rootfs: Rootfs;
}

const limits = { timeoutMs: 60_000, memoryBytes: 512 * 1024 ** 2, processes: 200, diskBytes: 256 * 1024 ** 2 };

/** What every sandbox does, whoever it runs as. */
export function describeSandbox(name: string, open: () => Promise<SandboxUnderTest>): void {
  describe(name, () => {
    let under: SandboxUnderTest;
    let room: Room;
    let directory: string;

    beforeAll(async () => {
      under = await open();
      directory = await mkdtemp(join(tmpdir(), 'sandbox-contract-'));
      room = await openRoom();
    });
    afterAll(async () => {
      await room?.[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    });

    const openRoom = () => under.sandbox.open(under.image, { signal: new AbortController().signal });

    async function run(argv: readonly string[], options: Partial<RoomCommand> & { in?: Room } = {}) {
      const lines: string[] = [];
      const { in: where = room, ...rest } = options;
      const onLine = (line: string) => lines.push(line);
      const { exitCode } = await where.run({ argv, limits, signal: new AbortController().signal, onLine, ...rest });
      return { exitCode, lines };
    }
    const shell = (script: string, options: Parameters<typeof run>[1] = {}) => run(['sh', '-c', script], options);

    it('runs a program with its arguments as they are, and tells each line', async () => {
      expect(await run(['printf', '%s\n', 'a b', '$(id)', '; ls'])).toEqual({
        exitCode: 0,
        lines: ['a b', '$(id)', '; ls'],
      });
      expect(await shell('echo out; echo wrong >&2; printf last; exit 7')).toMatchObject({ exitCode: 7 });
    });

    it('tells what was changed only while the room is open, however little that is', async () => {
      const fresh = await openRoom();
      await shell('touch /opt/a', { in: fresh });
      const { entries } = await fresh.changes();
      const closing = fresh[Symbol.asyncDispose]();
      await expect(entries()[Symbol.asyncIterator]().next()).rejects.toThrow('closed while its changes were read');
      await closing;
    });

    it('gives the variables that are told and none of the host', async () => {
      process.env.IMAGEWRIGHT_CANARY = 'seen';
      const { lines } = await run(['env'], { env: { LANG: 'C.UTF-8' } });
      delete process.env.IMAGEWRIGHT_CANARY;
      expect(lines).toContain('LANG=C.UTF-8');
      expect(lines.join(' ')).not.toMatch(/CANARY|XDG_RUNTIME|CONTAINERS_/);
    });

    it('shows mounts, writable only when told', async () => {
      await writeFile(join(directory, 'note'), 'hello');
      const mounts = { '/mnt/in': { from: directory } };
      expect(await shell('cat /mnt/in/note; touch /mnt/in/new', { mounts })).toMatchObject({ exitCode: 1 });
      const writable = { '/mnt/out': { from: directory, isWritable: true } };
      await shell('echo made > /mnt/out/made', { mounts: writable });
      expect(await readFile(join(directory, 'made'), 'utf8')).toBe('made\n');
    });

    it('has secrets in memory, for one command', async () => {
      const secrets = { token: Buffer.from('s3cr3t\n\0x'), other: Buffer.from('2') };
      const seen = await shell('od -c /run/secrets/token | head -1; cat /run/secrets/other', { secrets });
      expect(seen.lines.join('|')).toContain('s   3   c   r   3   t');
      expect(seen.lines.at(-1)).toBe('2');
      // At most the empty place where it was mounted is left.
      expect((await shell('cat /run/secrets/token 2> /dev/null')).lines).toEqual([]);
    });

    it('sees neither the host nor what runs on it', async () => {
      const { lines } = await shell(
        'ls /dev; ls /sys; ls /proc | grep -c "^[0-9]"; cat /proc/1/environ | tr "\\0" "\\n"',
      );
      expect(lines).not.toContain('vda');
      expect(lines).not.toContain('fs');
      expect(lines.filter((line) => /^\d+$/.test(line)).map(Number)[0]).toBeLessThan(20);
      const marker = join(directory, randomUUID());
      await writeFile(marker, 'host');
      const found = await shell(
        `cat ${marker} /proc/1/root${marker} /proc/*/cwd${marker}; mknod /d b 254 0; mount -t tmpfs x /mnt`,
      );
      expect(found.exitCode).not.toBe(0);
      expect(found.lines.join()).not.toMatch(/^host$/m);
    });

    it('has no network, and with a way out nothing but that', async () => {
      const server = createServer((socket) => socket.end('reached\n')).listen(0, '127.0.0.1');
      await new Promise((resolve) => server.once('listening', resolve));
      const { port } = server.address() as { port: number };
      const script = `import socket; print(socket.create_connection(("127.0.0.1", ${port}), 3).recv(99).decode())`;
      try {
        expect((await run(['python3', '-c', script])).lines.join()).toContain('Error');
        const wayOut = { host: '127.0.0.1', port };
        expect((await run(['python3', '-c', script], { wayOut })).lines.join()).toContain('Error');
        const byWayOut = script.replace(String(port), '3128');
        expect((await run(['python3', '-c', byWayOut], { wayOut })).lines).toContain('reached');
        expect((await run(['python3', '-c', byWayOut])).lines.join()).toContain('Error');
      } finally {
        server.close();
      }
    });

    it('ends all that runs when it takes too long or is cancelled', async () => {
      const started = Date.now();
      const tooLong = shell('sleep 300 & setsid sleep 301 & sleep 302', { limits: { ...limits, timeoutMs: 1500 } });
      await expect(tooLong).rejects.toMatchObject({ code: 'timed-out' });
      const abort = new AbortController();
      const cancelled = shell('echo up; setsid sleep 303', {
        signal: abort.signal,
        onLine: () => abort.abort(new Error('enough')),
      });
      await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
      expect(Date.now() - started).toBeLessThan(15_000);
      expect(await shell('ls /proc | grep -c "^[0-9]"')).toMatchObject({ exitCode: 0 });
      expect(await sleepers()).toEqual([]);
    });

    it('holds a command that forks without end', async () => {
      const started = Date.now();
      const bomb = 'import os\nwhile True:\n  try: os.fork()\n  except OSError: pass';
      const forked = run(['python3', '-c', bomb], { limits: { ...limits, processes: 60 } });
      await expect(forked).rejects.toMatchObject({
        code: 'limit-exceeded',
        message: expect.stringContaining('60 processes'),
      });
      expect(Date.now() - started).toBeLessThan(15_000);
    });

    it('holds a command that takes memory without end', async () => {
      const greedy = 'x = []\nwhile True: x.append(bytearray(10_000_000))';
      const outcome = await run(['python3', '-c', greedy]).catch((error) => error);
      if (outcome instanceof Error) expect(outcome).toMatchObject({ code: 'limit-exceeded' });
      else expect(outcome).toMatchObject({ exitCode: 1, lines: expect.arrayContaining(['MemoryError']) });
    });

    it('holds a command that fills the disk', async () => {
      await using other = await openRoom();
      const filled = shell('head -c 400M /dev/zero > /big; sleep 20', { in: other });
      await expect(filled).rejects.toMatchObject({ code: 'limit-exceeded', message: expect.stringContaining('disk') });
    });

    it('keeps rooms apart', async () => {
      await using other = await openRoom();
      await shell('echo mine > /opt/mine', { in: other });
      expect(await shell('cat /opt/mine')).toMatchObject({ exitCode: 1 });
    });

    it('tells what changed, the same bytes each time', async () => {
      const [first, second] = [await changed(), await changed()];
      expect(first.digest).toBe(second.digest);
      const { entries, whiteouts, opaques } = first.index;
      expect([...entries.keys()].filter((path) => /^\/(tmp|run|var\/log|dev)\//.test(path))).toEqual([]);
      expect(entries.has('/etc/machine-id') || entries.has('/etc/hosts')).toBe(false);
      expect(whiteouts).toEqual(['/etc/fstab']);
      expect(opaques).toEqual(['/usr/share/base-files']);
      expect(entries.get('/opt/a')).toMatchObject({ type: 'file', mode: 0o4755, uid: 7, gid: 8, sizeBytes: 3 });
      expect(entries.get('/opt/b')).toEqual(entries.get('/opt/a'));
      expect(entries.get('/opt/link')).toMatchObject({ type: 'symlink', target: '/nowhere' });
      expect(entries.get('/opt/capable')?.xattrs?.['security.capability']).toMatch(/^AQAAAg/);
      expect(entries.get('/opt/empty')).toMatchObject({ type: 'directory', mode: 0o1777 });
      // Directories of the base on the way keep what they have.
      expect(entries.get('/usr/share')).toMatchObject({ mode: 0o755, uid: 0, gid: 0 });
    });

    const setCapability = `python3 -c 'import os; os.setxattr("/opt/capable", "security.capability", bytes.fromhex("0100000200040000000000000000000000000000"))'`;

    async function changed(): Promise<{ digest: string; index: LayerIndex }> {
      await using fresh = await openRoom();
      const startedSeconds = Math.floor(Date.now() / 1000);
      const { exitCode, lines } = await shell(
        `set -e
        rm /etc/fstab
        rm -r /usr/share/base-files; mkdir /usr/share/base-files; echo x > /usr/share/base-files/x
        cd /opt; printf abc > a; chown 7:8 a; chmod 4755 a; ln a b; ln -s /nowhere link
        mkdir -m 1777 empty
        touch capable; ${setCapability}
        echo $$ > /tmp/x; date > /var/log/y; date > /etc/machine-id; date +%N > /run/z`,
        { in: fresh },
      );
      expect([exitCode, lines]).toEqual([0, []]);
      const file = join(directory, randomUUID());
      const blob = await writeChangesLayer({
        changes: await fresh.changes(),
        rootfs: under.rootfs,
        startedSeconds,
        compression: 'none',
        file,
      });
      return { digest: blob.digest, index: await scanLayer(createReadStream(file), 'none', { diffId: blob.diffId }) };
    }
  });
}

/** Command lines on this machine that the tests above have left. */
async function sleepers(): Promise<readonly string[]> {
  const { readdir } = await import('node:fs/promises');
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '')));
  return lines.filter((line) => /^sleep\0(?:30[0-3])\0$/.test(line));
}
