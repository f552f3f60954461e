import { type Digest, isDigest } from '../../oci/digest.ts';
import { isRepositoryName, isTag } from '../../oci/reference.ts';
import { RegistryError } from './registry-error.ts';

/** What a manifest is asked for by. */
export type ManifestReference = { readonly tag: string } | { readonly digest: Digest };

/** What a URL of distribution-spec "Endpoints" names; all parts are checked. */
export type RegistryRoute =
  | { readonly type: 'version' }
  | { readonly type: 'blob'; readonly repository: string; readonly digest: Digest }
  | { readonly type: 'uploads'; readonly repository: string }
  | { readonly type: 'upload'; readonly repository: string; readonly id: string }
  | { readonly type: 'manifest'; readonly repository: string; readonly reference: ManifestReference }
  | { readonly type: 'tags'; readonly repository: string }
  | { readonly type: 'referrers'; readonly repository: string; readonly digest: Digest };

export type RouteOf<Type extends RegistryRoute['type']> = Extract<RegistryRoute, { readonly type: Type }>;

/** Names may hold any of these words, so the last one that fits counts: `.+` is greedy. */
const patterns: readonly (readonly [RegExp, (repository: string, rest: string) => RegistryRoute])[] = [
  [/^(.+)\/blobs\/uploads\/?()$/, (repository) => ({ type: 'uploads', repository })],
  [/^(.+)\/blobs\/uploads\/([^/]+)$/, (repository, id) => ({ type: 'upload', repository, id })],
  [/^(.+)\/blobs\/([^/]+)$/, (repository, text) => ({ type: 'blob', repository, digest: digestOrRefuse(text) })],
  [
    /^(.+)\/manifests\/([^/]+)$/,
    (repository, text) => ({ type: 'manifest', repository, reference: manifestReference(text) }),
  ],
  [/^(.+)\/tags\/list()$/, (repository) => ({ type: 'tags', repository })],
  [
    /^(.+)\/referrers\/([^/]+)$/,
    (repository, text) => ({ type: 'referrers', repository, digest: digestOrRefuse(text) }),
  ],
];

/**
 * Reads the path of a request as it was sent, not decoded: `/v2/team/python/blobs/sha256:…`. No part of a name needs an escape, so a
 * path with one (`%2e%2e`, `%2F`) names nothing; only `%3A` is taken, which some clients write in digests. Throws `RegistryError`.
 */
export function parseRegistryPath(path: string): RegistryRoute {
  const rest = /^\/v2(?:\/(.*))?$/s.exec(path)?.[1];
  if (rest === undefined || rest === '') return { type: 'version' };
  const plain = rest.replaceAll(/%3a/gi, ':');
  for (const [pattern, routeOf] of patterns) {
    const match = pattern.exec(plain);
    if (!match) continue;
    const [, repository, last] = match;
    return routeOf(checkRepositoryName(repository!), last!);
  }
  throw new RegistryError('UNSUPPORTED', 'There is no such endpoint', { status: 404 });
}

/** Throws `NAME_INVALID` for what is no repository name. */
export function checkRepositoryName(text: string): string {
  if (isRepositoryName(text)) return text;
  throw new RegistryError(
    'NAME_INVALID',
    'The repository name is not valid: lower-case letters and digits, joined by . _ - or /',
  );
}

/** Throws `DIGEST_INVALID` for what is no digest, or is missing. */
export function digestOrRefuse(text: string | undefined): Digest {
  if (text !== undefined && isDigest(text)) return text;
  throw new RegistryError('DIGEST_INVALID', 'A sha256 or sha512 digest is needed here');
}

/** Throws `MANIFEST_INVALID` for what is no tag. */
export function tagOrRefuse(text: string): string {
  if (isTag(text)) return text;
  throw new RegistryError('MANIFEST_INVALID', 'The tag is not valid: up to 128 letters, digits, _ . or -');
}

/** Throws `DIGEST_INVALID`, `MANIFEST_INVALID` for what is neither digest nor tag. */
export function manifestReference(text: string): ManifestReference {
  return text.includes(':') ? { digest: digestOrRefuse(text) } : { tag: tagOrRefuse(text) };
}
