import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Writes the log of a job as its first attempt leaves it, of at least so many bytes, into the directory of that job: `<logs>/ab/abcd…`. */
export async function makeLog(directory: string, sizeBytes: number): Promise<void> {
  await mkdir(directory, { recursive: true });
  const file = createWriteStream(join(directory, '1.log'));
  for (let written = 0, line = 0; written < sizeBytes; ) {
    const lines: string[] = [];
    for (let count = 0; count < 10_000; count++) lines.push(`${line++} Unpacking package ${'x'.repeat(line % 150)}\n`);
    const piece = Buffer.from(lines.join(''));
    written += piece.length;
    if (!file.write(piece)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'close');
}
