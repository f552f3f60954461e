import { BuilderError } from '../errors.ts';
import type { Sentence } from '../sentence.ts';
import { say } from '../sentence.ts';
import { type Digest, isDigest } from './digest.ts';

/** A repository of a registry: `registry.example.com:5000` and `team/python`. */
export interface Repository {
  /** Host and optional port, e.g. `127.0.0.1:5000` or `docker.io`. */
  readonly registry: string;
  /** Path within the registry, e.g. `library/python`. */
  readonly name: string;
}

/** The name of an image, as people write it: `registry.example.com/team/python:3.11@sha256:…`. At least one of tag and digest is set. */
export interface Reference {
  readonly repository: Repository;
  readonly tag?: string;
  readonly digest?: Digest;
}

/** Repository names of distribution-spec "Pulling manifests": lower case path components. */
const namePattern = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const tagPattern = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;
const hostPattern =
  /^(?:\[[0-9a-fA-F:.]+\]|[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*)(?::[0-9]{1,5})?$/;

export const dockerHub = 'docker.io';

export function isTag(text: string): boolean {
  return tagPattern.test(text);
}

export function isRepositoryName(text: string): boolean {
  return text.length <= 255 && namePattern.test(text);
}

/**
 * Reads an image reference as docker does: without a host it is Docker Hub's (`python` is `docker.io/library/python`), without a
 * tag and digest it is `latest`. Throws `reference-invalid`.
 */
export function parseReference(text: string): Reference {
  const refuse = (why: Sentence): never => {
    throw new BuilderError('reference-invalid', say`"${text.slice(0, 200)}" is not an image reference: ${why}`, {
      hint: say`Write it as registry.example.com/team/image:tag or …/image@sha256:<digest>.`,
    });
  };
  if (text === '') refuse(say`it is empty`);
  if (/[\s\p{Cc}\p{Cf}]/u.test(text)) refuse(say`it holds white space or a control character`);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) refuse(say`it starts with a scheme; leave out "https://"`);

  const at = text.indexOf('@');
  const digest = at < 0 ? undefined : text.slice(at + 1);
  if (digest !== undefined && !isDigest(digest)) refuse(say`the part after "@" is not a sha256 or sha512 digest`);
  const named = at < 0 ? text : text.slice(0, at);

  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  const tag = colon < 0 ? undefined : named.slice(colon + 1);
  if (tag !== undefined && !isTag(tag)) {
    refuse(say`the tag "${tag.slice(0, 140)}" must be up to 128 letters, digits, "_", "." or "-"`);
  }
  const path = colon < 0 ? named : named.slice(0, colon);
  const repository = parseRepository(path, refuse);
  if (tag === undefined && digest === undefined) return { repository, tag: 'latest' };
  return { repository, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest: digest as Digest }) };
}

function parseRepository(path: string, refuse: (why: Sentence) => never): Repository {
  const slash = path.indexOf('/');
  const first = slash < 0 ? '' : path.slice(0, slash);
  const hasHost = first !== '' && (/[.:[]/.test(first) || first === 'localhost' || first !== first.toLowerCase());
  if (hasHost && !hostPattern.test(first)) refuse(say`"${first}" is not a host name`);
  const registry = hasHost ? canonicalHost(first) : dockerHub;
  const rest = hasHost ? path.slice(slash + 1) : path;
  const name = registry === dockerHub && !rest.includes('/') ? `library/${rest}` : rest;
  if (!isRepositoryName(name)) {
    refuse(
      say`the repository "${rest.slice(0, 140)}" must be lower-case letters and digits, joined by ".", "_", "-" or "/"`,
    );
  }
  return { registry, name };
}

function canonicalHost(host: string): string {
  const lower = host.toLowerCase();
  return lower === 'index.docker.io' || lower === 'registry-1.docker.io' ? dockerHub : lower;
}

/** `registry.example.com/team/python` */
export function formatRepository({ registry, name }: Repository): string {
  return `${registry}/${name}`;
}

/** `registry.example.com/team/python:3.11@sha256:…` */
export function formatReference({ repository, tag, digest }: Reference): string {
  return `${formatRepository(repository)}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

export function sameRepository(a: Repository, b: Repository): boolean {
  return a.registry === b.registry && a.name === b.name;
}
