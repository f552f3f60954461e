import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { importImage } from '../src/image/import/import-image.ts';
import { parseReference } from '../src/oci/reference.ts';
import type { RegistryClient } from '../src/registry/client/registry-client.ts';
import { syntheticBase } from './synthetic-base.ts';

export interface ImportBaseOptions {
  readonly client: RegistryClient;
  /** For files on the way. */
  readonly directory: string;
  /** The tar of a root file system, a small Debian with Python unless told. */
  readonly base?: Buffer;
}

/** Puts a base image into a registry under `reference`; it runs as a user of its own, with an entrypoint. */
export async function importBase(reference: string, options: ImportBaseOptions): Promise<void> {
  const { client, directory, base = syntheticBase() } = options;
  const path = join(directory, 'base.tar');
  await writeFile(path, base);
  await importImage({ type: 'rootfs', path }, parseReference(reference), {
    client,
    temporaryDir: directory,
    config: { user: '1000', entrypoint: ['/start'], env: ['A=1'] },
  });
}
