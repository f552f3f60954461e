import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { BuilderError } from '../errors.ts';
import { openDiskBlobStore } from '../registry/blobs/disk-blob-store.ts';
import { scrubBlobs } from '../registry/blobs/scrub-blobs.ts';
import { say } from '../sentence.ts';
import type { Command } from './command.ts';
import { dataOption } from './common-options.ts';
import { count, formatBytes } from './format-text.ts';

export const registryScrubCommand: Command = {
  name: 'registry scrub',
  summary: 'Read every blob of an embedded registry and hold it against its digest.',
  operands: '',
  arity: [0, 0],
  description: `
Works on the data directory itself, beside a server that uses it or without one, and changes nothing. Damaged blobs are listed on standard
output, one a line. To mend one, delete its file and push the image again. The exit code is 5 when there are any.`,
  options: {
    data: { ...dataOption.data, description: 'Directory of all state of the server (default: ./data).' },
  },
  examples: ['imagewright registry scrub', 'imagewright registry scrub --data /var/lib/imagewright'],
  async run({ options }, { stdout, stderr, signal }) {
    const root = join(resolve(options.string('data') ?? 'data'), 'registry');
    if ((await stat(root).catch(() => undefined)) === undefined) {
      throw new BuilderError('command-invalid', say`There is no embedded registry in ${root}`, {
        hint: say`Name the server's data directory with --data.`,
      });
    }
    let damaged = 0;
    const { blobs, bytes } = await scrubBlobs(await openDiskBlobStore(root), {
      signal,
      onDamaged({ digest, why }) {
        damaged++;
        stdout.write(`${digest}: ${why}\n`);
      },
    });
    stderr.write(`${count(blobs, 'blob')} of ${formatBytes(bytes)} read, ${damaged} damaged\n`);
    if (damaged === 0) return;
    throw new BuilderError('content-mismatch', say`The registry has damaged blobs: ${damaged}`, {
      hint: say`Delete those files and push the images again; look after the disk.`,
    });
  },
};
