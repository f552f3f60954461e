import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BuilderError } from '../../../errors.ts';
import { discardBody } from '../../../http/discard-body.ts';
import type { HttpClient } from '../../../http/http-client.ts';
import { isLoopbackHost } from '../../../http/loopback.ts';
import { readBody } from '../../../http/read-body.ts';
import { redactUrl } from '../../../http/redact-url.ts';
import { refuseFullDisk } from '../../../layers/full-disk.ts';
import { digestOf, hexOf } from '../../../oci/digest.ts';
import { say } from '../../../sentence.ts';

export interface WantedShard {
  readonly url: string;
  readonly sha256: string;
}

/** Gives the file that holds a shard, fetched unless it is there. Throws `registry-unavailable`, `content-mismatch`, `limit-exceeded`. */
export type FetchShard = (wanted: WantedShard, signal: AbortSignal) => Promise<string>;

const maxShardBytes = 64 * 1024 * 1024;

/** Keeps shards in `<cacheDir>/conda/shards`, by their hash. */
export function createShardStore({
  cacheDir,
  http,
}: {
  readonly cacheDir: string;
  readonly http: HttpClient;
}): FetchShard {
  const directory = join(cacheDir, 'conda', 'shards');
  return async ({ url, sha256 }, signal) => {
    const file = join(directory, sha256);
    if (await isThere(file)) return file;
    const bytes = await download(url, sha256, { http, signal });
    await mkdir(directory, { recursive: true });
    const partial = `${file}.${randomUUID()}.partial`;
    try {
      await writeFile(partial, bytes).catch(refuseFullDisk);
      await rename(partial, file);
    } finally {
      await rm(partial, { force: true });
    }
    return file;
  };
}

async function download(
  url: string,
  sha256: string,
  { http, signal }: { readonly http: HttpClient; readonly signal: AbortSignal },
): Promise<Buffer> {
  const { protocol, hostname } = new URL(url);
  if (protocol !== 'https:' && !(protocol === 'http:' && isLoopbackHost(hostname))) {
    throw new BuilderError(
      'registry-unavailable',
      say`A shard of a channel leads to ${redactUrl(url)}, which is not https`,
    );
  }
  const response = await http.request({ url, headers: { 'accept-encoding': 'identity' }, signal });
  if (response.status !== 200) {
    discardBody(response);
    throw new BuilderError(
      'registry-unavailable',
      say`${response.url.host} answers ${response.status} for a shard of a channel`,
      {
        hint: say`Try again later, or ask whoever keeps the channel.`,
      },
    );
  }
  const bytes = await readBody(response, maxShardBytes);
  if (hexOf(digestOf(bytes)) === sha256) return bytes;
  throw new BuilderError(
    'content-mismatch',
    say`A shard of a channel at ${response.url.host} is not the one that its index names`,
  );
}

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      return false;
    },
  );
}
