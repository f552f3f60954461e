import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixedMtime } from '../layers/tar-header.ts';
import { createRootfs } from '../rootfs/create-rootfs.ts';
import type { LayerIndex } from '../rootfs/layer-index.ts';
import { readTar, type TarHeader } from '../rootfs/tar-reader.ts';
import { writeChangesLayer } from './changes-layer.ts';
import type { ChangedEntry } from './sandbox.ts';
import { isTrace } from './traces.ts';

let directory: string;
let count = 0;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'changes-layer-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const startedSeconds = 2_000_000_000;

function entry(path: string, header: Partial<TarHeader> & { content?: string; isOpaque?: boolean } = {}): ChangedEntry {
  const { content = '', isOpaque = false, ...rest } = header;
  const bytes = Buffer.from(content);
  const common = { path: `.${path}`, mode: 0o755, uid: 0, gid: 0, linkPath: '', mtimeSeconds: startedSeconds + 5 };
  return {
    path,
    isOpaque,
    header: { type: 'directory', sizeBytes: bytes.length, ...common, ...rest },
    read: async () => bytes,
    async *chunks() {
      yield bytes;
    },
  };
}

const below: LayerIndex = {
  entries: new Map([
    ['/etc', { type: 'directory', mode: 0o755, uid: 0, gid: 0 }],
    ['/etc/old', { type: 'file', mode: 0o644, uid: 0, gid: 0, sizeBytes: 1 }],
    ['/var', { type: 'directory', mode: 0o755, uid: 0, gid: 0 }],
    ['/var/log', { type: 'directory', mode: 0o755, uid: 0, gid: 0 }],
  ]),
  whiteouts: [],
  opaques: [],
  contents: new Map(),
};

async function layerOf(entries: readonly ChangedEntry[], removed: readonly string[] = []) {
  const file = join(directory, String(count++));
  const changes = {
    removed,
    async *entries() {
      yield* entries;
    },
  };
  await writeChangesLayer({ changes, rootfs: createRootfs([below]), startedSeconds, compression: 'none', file });
  const members: (TarHeader & { content: string })[] = [];
  for await (const member of readTar(createReadStream(file))) {
    members.push({ ...member.header, content: (await member.read(1000)).toString() });
  }
  return members;
}

describe('writeChangesLayer', () => {
  it('tells a directory only when it, or something in it, has changed', async () => {
    const members = await layerOf([
      entry('/etc'),
      entry('/etc/new', { type: 'file', content: 'x' }),
      entry('/var'),
      entry('/var/lib', { mode: 0o700 }),
      entry('/var/log'),
      entry('/var/log/dpkg.log', { type: 'file', content: 'now' }),
    ]);
    expect(members.map(({ path }) => path)).toEqual(['etc/', 'etc/new', 'var/', 'var/lib/']);
  });

  it('writes removals before what stands beside them, and those alone of what was there', async () => {
    const entries = [entry('/etc'), entry('/etc/aaa', { type: 'file' })];
    const members = await layerOf(entries, ['/etc/old', '/etc/never-was', '/tmp/x']);
    expect(members.map(({ path }) => path)).toEqual(['etc/', 'etc/.wh.old', 'etc/aaa']);
  });

  it('hides a directory below with one mark', async () => {
    const members = await layerOf([entry('/etc', { isOpaque: true }), entry('/etc/a', { type: 'file' })], ['/etc/old']);
    expect(members.map(({ path }) => path)).toEqual(['etc/', 'etc/.wh..wh..opq', 'etc/a']);
  });

  it('keeps the time that a package gave, and no time of the run', async () => {
    const members = await layerOf([
      entry('/opt'),
      entry('/opt/mine', { type: 'file', mtimeSeconds: 1_600_000_000.5 }),
      entry('/opt/now', { type: 'file', mtimeSeconds: startedSeconds }),
      entry('/opt/hard', { type: 'hardlink', linkPath: './opt/mine', mtimeSeconds: 1_600_000_000 }),
    ]);
    expect(members.map(({ mtimeSeconds }) => mtimeSeconds)).toEqual([
      fixedMtime,
      1_600_000_000,
      fixedMtime,
      1_600_000_000,
    ]);
    expect(members[3]).toMatchObject({ type: 'hardlink', linkPath: 'opt/mine' });
  });

  it.each([
    ['/var/cache/fontconfig/a-le64.cache-8', true],
    ['/var/lib/dpkg/status-old', true],
    ['/var/lib/dpkg/status', false],
    ['/var/cache/debconf/config.dat', false],
    ['/etc/ssh/ssh_host_ed25519_key', true],
    ['/etc/ssh/ssh_config', false],
    ['/etc/machine-id', true],
    ['/runner', false],
    ['/run/x', true],
  ])('takes %s for a trace of the run: %s', (path, expected) => {
    expect(isTrace(path, 'file')).toBe(expected);
    expect(isTrace('/var/log', 'directory')).toBe(false);
  });

  it('tells no day of the run in the file of passwords', async () => {
    const today = Math.floor(Date.now() / 86_400_000);
    const content = `root:*:19000:0:99999:7:::\nredis:!:${today}::::::\n`;
    const members = await layerOf([entry('/etc'), entry('/etc/shadow', { type: 'file', content })]);
    expect(members[1]!.content).toBe('root:*:19000:0:99999:7:::\nredis:!:3653::::::\n');
  });
});
