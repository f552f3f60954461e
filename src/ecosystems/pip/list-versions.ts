import { resolve } from 'node:path';
import type { HttpClient } from '../../http/http-client.ts';
import { normalisedName } from '../../rootfs/normalised-name.ts';
import { projectFiles, versionOfFile } from './project-files.ts';
import { defaultUvPath } from './uv.ts';
import { uvFacts } from './uv-facts.ts';
import { indexesFrom, type PackageIndexes, uvEnvironment } from './uv-settings.ts';
import { compareVersions, formatVersion, type Version } from './version.ts';

export interface ListVersionsOptions {
  readonly cacheDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly http: HttpClient;
  /** In place of the indexes that the environment names. */
  readonly indexes?: PackageIndexes | undefined;
  readonly signal: AbortSignal;
}

/** The versions of a project that have not been withdrawn, the newest first; none when no index has it. Throws what `projectFiles` throws. */
export async function listVersions(
  project: string,
  { http, signal, ...options }: ListVersionsOptions,
): Promise<readonly string[]> {
  const indexes = options.indexes ?? indexesFrom(options.env);
  const mainIndex = await mainIndexOf(indexes, options);
  const name = normalisedName(project);
  const found = new Map<string, Version>();
  for (const { filename, isYanked } of await projectFiles(name, { http, indexes, mainIndex, signal })) {
    const version = isYanked ? undefined : versionOfFile(filename, name);
    if (version !== undefined) found.set(formatVersion(version), version);
  }
  return [...found].sort(([, a], [, b]) => compareVersions(b, a)).map(([text]) => text);
}

/** The index that is asked last: the one that is set, else uv's own. */
export async function mainIndexOf(
  indexes: PackageIndexes,
  { env, cacheDir }: Pick<ListVersionsOptions, 'env' | 'cacheDir'>,
): Promise<string> {
  if (indexes.default !== undefined) return indexes.default;
  const run = { uv: defaultUvPath, env: uvEnvironment(env, indexes), timeoutMs: 30_000 };
  return (await uvFacts(run, resolve(cacheDir))).index;
}
