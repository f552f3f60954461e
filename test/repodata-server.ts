import { createHash } from 'node:crypto';
import { zstdCompressSync } from 'node:zlib';
import { encodeMessagePack } from './encode-message-pack.ts';
import { answer, type ScriptedServer, serveScript } from './scripted-server.ts';

/** What a record of repodata is to say; everything but the name has a default. */
export interface RecordRecipe {
  readonly name: string;
  /** `1.0` unless told. */
  readonly version?: string;
  /** `0` unless told. */
  readonly build?: string;
  readonly buildNumber?: number;
  readonly depends?: readonly string[];
  readonly constrains?: readonly string[];
  /** `linux-64` unless told. */
  readonly subdir?: string;
  readonly noarch?: 'python' | 'generic';
  /** `.conda` unless told. */
  readonly ending?: '.conda' | '.tar.bz2';
  readonly more?: Readonly<Record<string, unknown>>;
}

export interface RepodataServer extends ScriptedServer {
  /** `http://127.0.0.1:40001/main/` */
  channelUrl(channel: string): string;
  /** Puts other records in the place of a channel's. */
  set(channel: string, recipes: readonly RecordRecipe[]): void;
}

export interface RepodataOptions {
  /** False for a server that has only plain JSON. */
  readonly zstd?: boolean;
  /** True for a server that has its repodata in shards (CEP-16), too. */
  readonly sharded?: boolean;
  /** What `Authorization`, or the token of a path (`/t/TOKEN/…`), has to be. */
  readonly secret?: string;
}

/** Serves the repodata of channels that have no packages behind it: enough to solve with. */
export async function serveRepodata(
  channels: Readonly<Record<string, readonly RecordRecipe[]>>,
  { zstd = true, sharded = false, secret }: RepodataOptions = {},
): Promise<RepodataServer> {
  const all = new Map(Object.entries(channels));
  const shards = new Map<string, Buffer>();
  const server = await serveScript(({ path, headers }, response) => {
    const match =
      /^(?:\/t\/([^/]+))?\/([^/]+)\/([^/]+)\/(?:repodata(?:\.json|(_shards\.msgpack))(\.zst)?|s\/(\w+)\.msgpack\.zst)$/.exec(
        path,
      );
    const [, token, channel, subdir, index, ending, shard] = match ?? [];
    const recipes = all.get(channel ?? '');
    if (secret !== undefined && token !== secret && headers.authorization !== secret) return answer(response, 401);
    if (recipes === undefined || (ending !== undefined && !zstd)) return answer(response, 404);
    if (shard !== undefined) return answer(response, shards.has(shard) ? 200 : 404, {}, shards.get(shard));
    if (index !== undefined && !sharded) return answer(response, 404);
    const text = repodataText(subdir!, recipes);
    const body = index === undefined ? Buffer.from(text) : encodeMessagePack(shardIndex(subdir!, text, shards));
    const etag = `"${createHash('sha256').update(body).digest('hex')}"`;
    if (headers['if-none-match'] === etag) return answer(response, 304, { etag });
    return answer(response, 200, { etag }, ending === undefined ? body : zstdCompressSync(body));
  });
  return {
    ...server,
    channelUrl: (channel) => `${server.origin}/${channel}/`,
    set: (channel, recipes) => void all.set(channel, recipes),
  };
}

/** The index of the shards that a repodata.json is parted into; these are put beside. */
function shardIndex(subdir: string, text: string, shards: Map<string, Buffer>): unknown {
  const repodata = JSON.parse(text) as Record<string, Record<string, Record<string, unknown>>>;
  const byName = new Map<string, Record<string, Record<string, unknown>>>();
  for (const section of ['packages', 'packages.conda']) {
    for (const [filename, record] of Object.entries(repodata[section]!)) {
      const shard = byName.get(record.name as string) ?? { packages: {}, 'packages.conda': {} };
      byName.set(record.name as string, shard);
      const binary = (hash: unknown) => (typeof hash === 'string' ? Buffer.from(hash, 'hex') : undefined);
      shard[section]![filename] = { ...record, md5: binary(record.md5), sha256: binary(record.sha256) };
    }
  }
  const hashes = [...byName].map(([name, shard]) => {
    const bytes = zstdCompressSync(encodeMessagePack(shard));
    const hash = createHash('sha256').update(bytes).digest();
    shards.set(hash.toString('hex'), bytes);
    return [name, hash];
  });
  return { info: { subdir, base_url: '', shards_base_url: './s/' }, shards: Object.fromEntries(hashes) };
}

/** A repodata.json of those of the records that are of the subdirectory. */
export function repodataText(subdir: string, recipes: readonly RecordRecipe[]): string {
  const records = (ending: string) =>
    Object.fromEntries(
      recipes
        .filter((recipe) => (recipe.subdir ?? 'linux-64') === subdir && (recipe.ending ?? '.conda') === ending)
        .map(recordEntry),
    );
  return JSON.stringify({
    info: { subdir },
    packages: records('.tar.bz2'),
    'packages.conda': records('.conda'),
    removed: [],
    repodata_version: 1,
  });
}

function recordEntry(recipe: RecordRecipe): [string, unknown] {
  const { name, version = '1.0', build = '0', subdir = 'linux-64', ending = '.conda', more } = recipe;
  const filename = `${name}-${version}-${build}${ending}`;
  const hash = (algorithm: string) => createHash(algorithm).update(`${subdir}/${filename}`).digest('hex');
  const record = {
    name,
    version,
    build,
    build_number: recipe.buildNumber ?? 0,
    depends: recipe.depends ?? [],
    constrains: recipe.constrains ?? [],
    subdir,
    ...(recipe.noarch !== undefined && { noarch: recipe.noarch }),
    md5: hash('md5'),
    sha256: hash('sha256'),
    size: 1000,
    timestamp: 1_700_000_000_000,
    ...more,
  };
  return [filename, record];
}
