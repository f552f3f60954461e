import { openAsBlob } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
}

/**
 * Pushes the image of an OCI layout to a registry that asks for no credentials, byte for byte, by the plain protocol: the
 * product's own client is what tests are about, so this is not it.
 * @param reference e.g. `127.0.0.1:5001/base/debian12:latest`
 */
export async function pushLayout(layout: string, reference: string): Promise<string> {
  const [, host, repository, tag] = /^([^/]+)\/(.+):([^:/]+)$/.exec(reference)!;
  const api = `http://${host}/v2/${repository}`;
  const index = JSON.parse(await readFile(join(layout, 'index.json'), 'utf8')) as { manifests: readonly Descriptor[] };
  const image = index.manifests[0]!;
  const bytes = await readFile(blobPath(layout, image.digest));
  const manifest = JSON.parse(bytes.toString('utf8')) as { config: Descriptor; layers: readonly Descriptor[] };
  for (const { digest } of [manifest.config, ...manifest.layers]) await pushBlob(api, digest, blobPath(layout, digest));
  const headers = { 'content-type': image.mediaType };
  await expectOk(fetch(`${api}/manifests/${tag}`, { method: 'PUT', headers, body: new Uint8Array(bytes) }));
  return reference;
}

async function pushBlob(api: string, digest: string, path: string): Promise<void> {
  const present = await fetch(`${api}/blobs/${digest}`, { method: 'HEAD' });
  if (present.ok) return;
  const upload = await expectOk(fetch(`${api}/blobs/uploads/`, { method: 'POST' }));
  const location = new URL(upload.headers.get('location')!, api);
  location.searchParams.set('digest', digest);
  await expectOk(fetch(location, { method: 'PUT', body: await openAsBlob(path) }));
}

async function expectOk(request: Promise<Response>): Promise<Response> {
  const response = await request;
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}: ${await response.text()}`);
  await response.body?.cancel();
  return response;
}

const blobPath = (layout: string, digest: string) => join(layout, 'blobs', digest.replace(':', '/'));
