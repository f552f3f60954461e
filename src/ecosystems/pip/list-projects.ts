import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { BuilderError } from '../../errors.ts';
import { discardBody } from '../../http/discard-body.ts';
import type { HttpClient, HttpResponse } from '../../http/http-client.ts';
import { limitedTo } from '../../http/limited-to.ts';
import { redactUrl } from '../../http/redact-url.ts';
import { refuseFullDisk } from '../../layers/full-disk.ts';
import { digestOf, hexOf } from '../../oci/digest.ts';
import { isObject } from '../../oci/manifest.ts';
import type { LayerCompression } from '../../oci/media-types.ts';
import { say } from '../../sentence.ts';
import type { ThreadPool } from '../../threads/thread-pool.ts';
import { ageOf, maxListAgeMs } from '../catalogue/list-age.ts';
import { keepJson, readKeptJson } from '../kept-json.ts';
import type { RootForm } from './project-names.ts';
import { authorizationFor, type PackageIndexes } from './uv-settings.ts';

/*
 * The root of an index (PEP 503, PEP 691) names all of its projects: some ten megabytes of a public one. It is asked at most once a day,
 * and only for what has changed; a thread makes of it a list that is searched where it lies.
 *
 *     <cacheDir>/pip-names/<index>/names        see name-list.ts; absent where the index tells none
 *                                  state.json   when it was asked, and what for
 */

/** Where the names of an index are kept. */
export interface ProjectList {
  readonly file: string;
  /** The index has been asked. */
  readonly isKnown: boolean;
  /** It tells no names. */
  readonly isWithout: boolean;
  readonly isOld: boolean;
}

interface State {
  readonly formatVersion: 1;
  readonly checkedAtMs: number;
  readonly hasNames: boolean;
  readonly etag?: string;
  readonly lastModified?: string;
}

export interface ListingTask {
  readonly root: string;
  readonly compression: LayerCompression;
  readonly form: RootForm;
  readonly file: string;
}

export interface ListProjectsOptions {
  readonly cacheDir: string;
  readonly http: HttpClient;
  /** Whose credentials are sent. */
  readonly indexes: PackageIndexes;
  readonly threads: ThreadPool;
  readonly signal: AbortSignal;
}

const module = new URL(`./list-projects-task${extname(import.meta.url)}`, import.meta.url).href;
const maxRootBytes = 512 * 1024 * 1024;
const accept = 'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1';

/** What is known of an index on this machine. */
export async function projectList(index: URL, cacheDir: string): Promise<ProjectList> {
  const directory = directoryOf(index, cacheDir);
  const state = await readState(directory);
  const age = state === undefined ? Number.POSITIVE_INFINITY : Date.now() - state.checkedAtMs;
  return {
    file: join(directory, 'names'),
    isKnown: state !== undefined,
    isWithout: state?.hasNames === false,
    isOld: age < 0 || age >= maxListAgeMs,
  };
}

/** Brings the list of an index up to date. Throws `registry-unavailable`, `limit-exceeded`, `disk-full`. */
export async function listProjects(index: URL, options: ListProjectsOptions): Promise<void> {
  const directory = directoryOf(index, options.cacheDir);
  const known = await readState(directory);
  await mkdir(directory, { recursive: true });
  const response = await ask(index, known, options);
  const { etag, 'last-modified': lastModified } = response.headers;
  const keep = (state: Partial<State> & Pick<State, 'hasNames'>) =>
    keepJson(join(directory, 'state.json'), { ...state, formatVersion: 1, checkedAtMs: Date.now() });
  if (response.status === 200) {
    const hasNames = await receive(response, directory, options);
    return keep({ hasNames, ...(etag !== undefined && { etag }), ...(lastModified !== undefined && { lastModified }) });
  }
  discardBody(response);
  if (response.status === 304 && known !== undefined) return keep(known);
  if (response.status >= 500 || response.status === 429) {
    throw new BuilderError('registry-unavailable', say`${redactUrl(response.url)} answers ${response.status}`);
  }
  await rm(join(directory, 'names'), { force: true });
  return keep({ hasNames: false });
}

function directoryOf(index: URL, cacheDir: string): string {
  return join(cacheDir, 'pip-names', hexOf(digestOf(rootOf(index).href)).slice(0, 32));
}

function rootOf(index: URL): URL {
  const root = new URL(index.href.replace(/\/*$/, '/'));
  [root.username, root.password] = ['', ''];
  return root;
}

async function ask(
  index: URL,
  known: State | undefined,
  { http, indexes, signal }: ListProjectsOptions,
): Promise<HttpResponse> {
  const conditions = {
    ...(known?.etag !== undefined && { 'if-none-match': known.etag }),
    ...(known?.lastModified !== undefined && { 'if-modified-since': known.lastModified }),
  };
  const headers = { accept, 'accept-encoding': 'gzip', ...conditions, ...authorizationFor(index.href, indexes) };
  return http.request({ url: rootOf(index), headers, signal, attempts: 2 });
}

/** Puts the answer aside as it comes, then has it read. Says whether there are names in it. */
async function receive(
  response: HttpResponse,
  directory: string,
  { threads, signal }: ListProjectsOptions,
): Promise<boolean> {
  const { 'content-type': type = '', 'content-encoding': encoding } = response.headers;
  const file = join(directory, 'names');
  const root = join(directory, `${randomUUID()}.part`);
  try {
    const limited = limitedTo(
      maxRootBytes,
      say`The list of projects of ${redactUrl(response.url)} is larger than ${maxRootBytes} bytes`,
    );
    await pipeline(response.body, limited, createWriteStream(root, { flags: 'wx' }), { signal }).catch(refuseFullDisk);
    const form = /\bjson\b/.test(type) ? 'json' : 'html';
    const input: ListingTask = { root, compression: encoding === 'gzip' ? 'gzip' : 'none', form, file };
    const { size: weight } = await stat(root);
    const count = await threads.run<number, never, never>({ module, input, weight, signal });
    if (count === 0) await rm(file, { force: true });
    return count > 0;
  } finally {
    await rm(root, { force: true });
  }
}

/** What is known without its list, which may have gone from the cache, is not known. */
async function readState(directory: string): Promise<State | undefined> {
  const state = await readKeptJson(join(directory, 'state.json'));
  if (!isObject(state) || state.formatVersion !== 1) return undefined;
  const isWhole = state.hasNames === false || (await ageOf(join(directory, 'names'))) !== Number.POSITIVE_INFINITY;
  return isWhole ? (state as unknown as State) : undefined;
}
