import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTar } from '../rootfs/tar-reader.ts';
import { fixedMtime, type TarEntry, tarHeader } from './tar-header.ts';
import { createTarWriter, tarChunkBytes } from './tar-writer.ts';

type Written = TarEntry & { readonly content?: Buffer };

async function writeTar(entries: readonly Written[]): Promise<Buffer[]> {
  const chunks: Buffer[] = [];
  const tar = createTarWriter({
    take(chunk) {
      chunks.push(Buffer.from(chunk));
      return Buffer.allocUnsafeSlow(tarChunkBytes);
    },
  });
  for (const entry of entries) {
    await tar.entry(entry);
    if (entry.content) await tar.content(entry.content);
  }
  await tar.end();
  return chunks;
}

const file = (path: string, content = '', mode = 0o644): Written => {
  const bytes = Buffer.from(content);
  return { type: 'file', path, mode, sizeBytes: bytes.length, content: bytes };
};

async function* streamOf(chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* chunks;
}

describe('createTarWriter', () => {
  it('writes the same bytes as ever', async () => {
    const tar = Buffer.concat(
      await writeTar([
        { type: 'directory', path: '/usr', mode: 0o755 },
        { type: 'directory', path: '/usr/töst', mode: 0o1777, uid: 1000, gid: 5, xattrs: { 'user.a': 'AAH/' } },
        file('/usr/a', 'hello', 0o755),
        { type: 'symlink', path: '/usr/l', target: '../somewhere' },
      ]),
    );
    expect(createHash('sha256').update(tar).digest('hex')).toBe(
      '82172bfd05e3f14cb53b6b3de9bb02ff4067b5ee85e9399834956ad91453e884',
    );
  });

  it('gives back what went in, whatever the paths and contents are', async () => {
    const part = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
      .filter((text) => !/[/\0]|^\.{1,2}$/.test(text));
    const path = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => `/${parts.join('/')}`);
    const content = fc.uint8Array({ maxLength: 3000 }).map((bytes) => Buffer.from(bytes));
    const entry = fc.record({ path, content, mode: fc.integer({ min: 0, max: 0o7777 }), uid: fc.nat(2 ** 31 - 1) });
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 8 }), async (entries) => {
        const chunks = await writeTar(
          entries.map((each): Written => ({ type: 'file', sizeBytes: each.content.length, ...each })),
        );
        const read = [];
        for await (const { header, chunks: body } of readTar(streamOf(chunks))) {
          const bytes: Uint8Array[] = [];
          for await (const piece of body()) bytes.push(piece);
          read.push({ path: header.path, mode: header.mode, uid: header.uid, content: Buffer.concat(bytes) });
        }
        expect(read.map((each) => ({ ...each, path: `/${each.path}` }))).toEqual(
          entries.map(({ path: name, mode, uid, content: body }) => ({ path: name, mode, uid, content: body })),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('is read by the system tar with names, links, modes and times', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'tar-'));
    try {
      const long = `/${'d'.repeat(90)}/${'e'.repeat(90)}/${'f'.repeat(120)}`;
      const split = `/${'d'.repeat(90)}/${'e'.repeat(60)}`;
      writeFileSync(
        join(directory, 'x.tar'),
        Buffer.concat(
          await writeTar([
            { type: 'directory', path: '/bin', mode: 0o2755 },
            file('/bin/run', 'x'.repeat(1000), 0o755),
            file(split, 'y'),
            file(long, 'z'),
            { type: 'symlink', path: '/l', target: `../${'t'.repeat(120)}` },
          ]),
        ),
      );
      const listing = execFileSync('tar', ['--numeric-owner', '--full-time', '--utc', '-tvf', 'x.tar'], {
        cwd: directory,
      })
        .toString()
        .trim()
        .split('\n');
      expect(listing.map((line) => line.replace(/ +/g, ' '))).toEqual([
        'drwxr-sr-x 0/0 0 1980-01-02 00:00:00 bin/',
        '-rwxr-xr-x 0/0 1000 1980-01-02 00:00:00 bin/run',
        `-rw-r--r-- 0/0 1 1980-01-02 00:00:00 ${split.slice(1)}`,
        `-rw-r--r-- 0/0 1 1980-01-02 00:00:00 ${long.slice(1)}`,
        `lrwxrwxrwx 0/0 0 1980-01-02 00:00:00 l -> ../${'t'.repeat(120)}`,
      ]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('gives chunks of one size whatever the sizes of the files are', async () => {
    const chunks = await writeTar([file('/a', 'a'.repeat(700_000)), file('/b', 'b'.repeat(3_000_001)), file('/c')]);
    expect(chunks.slice(0, -1).map((chunk) => chunk.length)).toEqual(chunks.slice(0, -1).map(() => tarChunkBytes));
    expect(Buffer.concat(chunks).length % 512).toBe(0);
  });

  it('refuses content that is not as long as its header says', async () => {
    const tar = createTarWriter({ take: () => Buffer.alloc(tarChunkBytes) });
    await tar.entry({ type: 'file', path: '/a', sizeBytes: 3 });
    await tar.content(Buffer.from('ab'));
    await expect(tar.end()).rejects.toThrow('1 bytes short');
    await expect(tar.content(Buffer.from('cd'))).rejects.toThrow('1 bytes too long');
  });
});

describe('tarHeader', () => {
  it('says a size from 8 GiB in a pax record, and the time in the header', () => {
    const header = tarHeader({ type: 'file', path: '/big', sizeBytes: 9 * 1024 ** 3 });
    expect(header.toString('latin1')).toContain(' size=9663676416\n');
    expect(Number.parseInt(header.toString('latin1', header.length - 512 + 136, header.length - 512 + 147), 8)).toBe(
      fixedMtime,
    );
  });

  it('needs one block for what ustar can say', () => {
    expect(tarHeader({ type: 'directory', path: `/${'a'.repeat(100)}/${'b'.repeat(98)}` }).length).toBe(512);
    expect(tarHeader({ type: 'directory', path: `/${'a'.repeat(100)}/${'b'.repeat(100)}` }).length).toBe(3 * 512);
  });
});
