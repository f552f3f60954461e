import { join } from 'node:path';
import type { Hono } from 'hono';
import { openDiskBlobStore } from '../registry/blobs/disk-blob-store.ts';
import { openDiskBlobUploads } from '../registry/blobs/disk-blob-uploads.ts';
import { createRegistryApp } from '../registry/server/create-registry-app.ts';
import { openDiskRegistryIndex } from '../registry/server/disk-registry-index.ts';
import type { RegistryEnv } from '../registry/server/request-body.ts';
import type { ServerOptions } from './start-server.ts';

/** The embedded registry with all its state under `<dataDir>/registry`. */
export async function openRegistry({
  dataDir,
  log,
}: Pick<ServerOptions, 'dataDir' | 'log'>): Promise<Hono<RegistryEnv>> {
  const root = join(dataDir, 'registry');
  return createRegistryApp({
    blobs: await openDiskBlobStore(root),
    uploads: await openDiskBlobUploads(root),
    index: await openDiskRegistryIndex(root),
    onBug: (error) => log(`registry: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
  });
}
