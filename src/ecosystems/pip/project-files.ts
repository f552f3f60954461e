import { BuilderError } from '../../errors.ts';
import { discardBody } from '../../http/discard-body.ts';
import type { HttpClient } from '../../http/http-client.ts';
import { readBody } from '../../http/read-body.ts';
import { isObject } from '../../oci/manifest.ts';
import { normalisedName } from '../../rootfs/normalised-name.ts';
import { say } from '../../sentence.ts';
import { parseWheelFilename } from './tags.ts';
import { authorizationFor, indexUrls, type PackageIndexes } from './uv-settings.ts';
import { parseVersion, type Version } from './version.ts';

/** A file that an index lists for a project. */
export interface ProjectFile {
  readonly filename: string;
  /** Absolute, without credentials. */
  readonly url: string;
  readonly sha256?: string;
  readonly sizeBytes?: number;
  /** `>=3.9`, as listed. */
  readonly requiresPython?: string;
  readonly isYanked: boolean;
}

export interface ProjectFilesOptions {
  readonly http: HttpClient;
  readonly indexes: PackageIndexes;
  /** Asked last. */
  readonly mainIndex: string;
  readonly signal: AbortSignal;
}

const maxListingBytes = 64 * 1024 * 1024;
const accept = 'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1';

/** What the first index that has the project lists for it (PEP 503, PEP 691); nothing where none does. Throws `resolver-failed`, and what the client throws. */
export async function projectFiles(name: string, options: ProjectFilesOptions): Promise<readonly ProjectFile[]> {
  const { http, indexes, mainIndex, signal } = options;
  for (const index of indexUrls({ extra: indexes.extra, default: mainIndex })) {
    const url = new URL(`${name}/`, index.href.replace(/\/*$/, '/'));
    const headers = { accept, ...authorizationFor(url.href, indexes) };
    [url.username, url.password] = ['', ''];
    const response = await http.request({ url, headers, signal });
    if (response.status !== 200) {
      discardBody(response);
      continue;
    }
    const text = (await readBody(response, maxListingBytes)).toString('utf8');
    const isJson = /\bjson\b/.test(response.headers['content-type'] ?? '');
    return isJson ? filesInJson(text, response.url) : filesInHtml(text, response.url);
  }
  return [];
}

/** The version that the name of a project's file tells: `odfpy-1.4.1.tar.gz`; `undefined` for what is neither a wheel nor a source archive of the project. */
export function versionOfFile(filename: string, project: string): Version | undefined {
  if (!filename.endsWith('.whl')) return sdistVersion(filename, project);
  const wheel = parseWheelFilename(filename);
  return wheel?.name === project ? parseVersion(wheel.version.replaceAll('_', '-')) : undefined;
}

/** Old source archives have dashes in the name of their project, too. */
function sdistVersion(filename: string, project: string): Version | undefined {
  const stem = /^[A-Za-z0-9][A-Za-z0-9_.+!-]*(?=\.(?:tar\.gz|zip)$)/.exec(filename)?.[0] ?? '';
  for (const { index } of stem.matchAll(/-/g)) {
    if (normalisedName(stem.slice(0, index)) !== project) continue;
    const version = parseVersion(stem.slice(index + 1));
    if (version !== undefined) return version;
  }
  return undefined;
}

function filesInJson(text: string, base: URL): readonly ProjectFile[] {
  const page = parsePage(text, base);
  const files: readonly unknown[] = isObject(page) && Array.isArray(page.files) ? page.files : [];
  return files.filter(isObject).flatMap((file) => {
    const { filename, url, hashes, size, yanked } = file;
    const requiresPython = file['requires-python'];
    const sha256 = isObject(hashes) ? hashes.sha256 : undefined;
    if (typeof filename !== 'string' || typeof url !== 'string') return [];
    return fileAt(url, base, {
      filename,
      isYanked: yanked !== undefined && yanked !== false,
      ...(typeof sha256 === 'string' && isSha256(sha256) && { sha256 }),
      ...(typeof size === 'number' && Number.isSafeInteger(size) && { sizeBytes: size }),
      ...(typeof requiresPython === 'string' && { requiresPython }),
    });
  });
}

function parsePage(text: string, { host }: URL): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const message = say`${host} says that its answer is JSON, which it is not`;
    throw new BuilderError('resolver-failed', message, { cause: error });
  }
}

function filesInHtml(text: string, base: URL): readonly ProjectFile[] {
  return [...text.matchAll(/<a\s([^>]*)>([^<]*)<\/a>/gi)].flatMap(([, attributes, content]) => {
    const attribute = (name: string) => {
      const match = new RegExp(`(?:^|\\s)${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`, 'i').exec(attributes!);
      return match === null ? undefined : withoutEntities(match[1] ?? match[2]!);
    };
    const [href, requiresPython] = [attribute('href'), attribute('data-requires-python')];
    const sha256 = /#sha256=([0-9a-f]{64})$/.exec(href ?? '')?.[1];
    if (href === undefined) return [];
    return fileAt(href, base, {
      filename: withoutEntities(content!).trim(),
      isYanked: /(?:^|\s)data-yanked\b/i.test(attributes!),
      ...(sha256 !== undefined && { sha256 }),
      ...(requiresPython !== undefined && { requiresPython }),
    });
  });
}

function fileAt(reference: string, base: URL, file: Omit<ProjectFile, 'url'>): readonly ProjectFile[] {
  if (!URL.canParse(reference, base.href)) return [];
  const url = new URL(reference, base);
  [url.username, url.password, url.hash] = ['', '', ''];
  return [{ ...file, url: url.href }];
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', '#39': "'", '#x27': "'" };

function withoutEntities(text: string): string {
  return text.replace(/&(lt|gt|amp|quot|#39|#x27);/gi, (_all, name: string) => entities[name.toLowerCase()]!);
}

function isSha256(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}
