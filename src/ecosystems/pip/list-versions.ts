import { resolve } from 'node:path';
import { BuilderError } from '../../errors.ts';
import type { HttpClient } from '../../http/http-client.ts';
import { readBody } from '../../http/read-body.ts';
import { isObject } from '../../oci/manifest.ts';
import { normalisedName } from '../../rootfs/normalised-name.ts';
import { defaultUvPath } from './uv.ts';
import { ownIndex } from './uv-configuration.ts';
import { authorizationFor, indexesFrom, indexUrls, type PackageIndexes, uvEnvironment } from './uv-settings.ts';
import { compareVersions, formatVersion, parseVersion, type Version } from './version.ts';

export interface ListVersionsOptions {
  readonly cacheDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly http: HttpClient;
  /** In place of the indexes that the environment names. */
  readonly indexes?: PackageIndexes | undefined;
  readonly signal: AbortSignal;
}

const maxPageBytes = 64 * 1024 * 1024;

/**
 * The versions of a project that have not been withdrawn, the newest first; of the first index that has it, as uv does, and none when no
 * index does. Reads the simple API of indexes, as JSON (PEP 691) or HTML (PEP 503). Throws `resolver-failed`, and what the client throws.
 */
export async function listVersions(
  project: string,
  { http, signal, ...options }: ListVersionsOptions,
): Promise<readonly string[]> {
  const indexes = await indexesInForce(options);
  for (const index of indexUrls(indexes)) {
    const url = new URL(`${normalisedName(project)}/`, index.href.replace(/\/*$/, '/'));
    const accept = 'application/vnd.pypi.simple.v1+json, text/html;q=0.1';
    const response = await http.request({
      url: withoutUser(url),
      headers: { accept, ...authorizationFor(url.href, indexes) },
      signal,
      attempts: 2,
    });
    if (response.status !== 200) {
      response.body.destroy();
      continue;
    }
    const text = (await readBody(response, maxPageBytes)).toString('utf8');
    const isJson = /\bjson\b/.test(response.headers['content-type'] ?? '');
    return versionsOf(project, isJson ? filesOfJson(text, url.host) : filesOfHtml(text));
  }
  return [];
}

/** Those that are set, and uv's own when none is the last. */
async function indexesInForce({
  cacheDir,
  env,
  ...options
}: Pick<ListVersionsOptions, 'cacheDir' | 'env' | 'indexes'>): Promise<PackageIndexes> {
  const indexes = options.indexes ?? indexesFrom(env);
  if (indexes.default !== undefined) return indexes;
  const { signal } = new AbortController();
  const run = { uv: defaultUvPath, env: uvEnvironment(env, indexes), cwd: '/', timeoutMs: 30_000, signal };
  return { ...indexes, default: await ownIndex(run, resolve(cacheDir)) };
}

function withoutUser(url: URL): URL {
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  return bare;
}

function versionsOf(project: string, filenames: readonly string[]): readonly string[] {
  const found = new Map<string, Version>();
  for (const filename of filenames) {
    const version = parseVersion(versionText(project, filename) ?? '');
    if (version !== undefined) found.set(formatVersion(version), version);
  }
  return [...found].sort(([, a], [, b]) => compareVersions(b, a)).map(([text]) => text);
}

/** `numpy-2.1.0-cp311-….whl`, `odfpy-1.4.1.tar.gz`; old source files have dashes in their name as well. */
function versionText(project: string, filename: string): string | undefined {
  if (filename.endsWith('.whl')) return filename.split('-')[1];
  const stem = /^(.+)\.(?:tar\.gz|zip|tar\.bz2)$/.exec(filename)?.[1];
  const isNamed = stem !== undefined && normalisedName(stem.slice(0, project.length)) === normalisedName(project);
  return isNamed && stem[project.length] === '-' ? stem.slice(project.length + 1) : undefined;
}

function filesOfJson(text: string, host: string): readonly string[] {
  const page = parsePage(text, host);
  const files: readonly unknown[] = isObject(page) && Array.isArray(page.files) ? page.files : [];
  return files.flatMap((file) =>
    isObject(file) && typeof file.filename === 'string' && !file.yanked ? [file.filename] : [],
  );
}

function parsePage(text: string, host: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BuilderError('resolver-failed', `${host} says that its answer is JSON, which it is not`, {
      cause: error,
    });
  }
}

function filesOfHtml(text: string): readonly string[] {
  return [...text.matchAll(/<a\b([^>]*)>([^<]+)<\/a>/gi)].flatMap(([, attributes, filename]) =>
    /\bdata-yanked\b/i.test(attributes!) ? [] : [filename!.trim()],
  );
}
