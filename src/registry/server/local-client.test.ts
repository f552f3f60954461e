import { Readable } from 'node:stream';
import { serve } from '@hono/node-server';
import { createHttpClient } from '../../http/create-http-client.ts';
import type { Digest } from '../../oci/digest.ts';
import { createBlobHolds } from '../blobs/blob-holds.ts';
import type { BlobStore } from '../blobs/blob-store.ts';
import { createMemoryBlobStore } from '../blobs/memory-blob-store.ts';
import { createMemoryBlobUploads } from '../blobs/memory-blob-uploads.ts';
import { noCredentials } from '../client/credentials.ts';
import { contractRepositoryBytes, contractRights, describeRegistryClient } from '../client/registry-client.contract.ts';
import { createRegistryClient } from '../client/registry-client.ts';
import { createRegistryApp } from './create-registry-app.ts';
import { createLocalClient } from './local-client.ts';
import { createMemoryRegistryIndex } from './memory-registry-index.ts';

function openParts() {
  const memory = createMemoryBlobStore();
  const damaged = new Set<Digest>();
  const blobs: BlobStore = {
    ...memory,
    open: (digest, range) =>
      damaged.has(digest) ? Readable.from(spoilt(memory.open(digest, range))) : memory.open(digest, range),
    send: (digest, take, range) =>
      memory.send(digest, (piece) => take(damaged.has(digest) ? Buffer.alloc(piece.length, 'x') : piece), range),
  };
  const registry = {
    blobs,
    uploads: createMemoryBlobUploads(memory),
    index: createMemoryRegistryIndex(),
    holds: createBlobHolds(),
    maxRepositoryBytes: contractRepositoryBytes,
  };
  return { registry, damage: (digest: Digest) => void damaged.add(digest) };
}

async function* spoilt(source: Readable): AsyncGenerator<Buffer> {
  for await (const chunk of source as AsyncIterable<Buffer>) yield Buffer.alloc(chunk.length, 'x');
}

describeRegistryClient('of a registry in the same process', async () => {
  const { registry, damage } = openParts();
  const authorize = async (access: Parameters<typeof contractRights>[0]) => void (await contractRights(access));
  return {
    client: createLocalClient({ registry, authorize }),
    registry: '127.0.0.1:8080',
    damage,
    async [Symbol.asyncDispose]() {},
  };
});

describeRegistryClient('of a registry over HTTP', async () => {
  const { registry, damage } = openParts();
  const authorize = (access: Parameters<typeof contractRights>[0] | undefined) =>
    access ? contractRights(access) : '';
  const app = createRegistryApp({ ...registry, authorize });
  const server = await new Promise<ReturnType<typeof serve>>((resolve) => {
    const starting = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0, overrideGlobalObjects: false }, () =>
      resolve(starting),
    );
  });
  return {
    client: createRegistryClient({ http: createHttpClient({ env: {} }), credentials: noCredentials }),
    registry: `127.0.0.1:${(server.address() as { port: number }).port}`,
    damage,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if ('closeAllConnections' in server) server.closeAllConnections();
      }),
  };
});
