import { BuilderError } from '../errors.ts';
import { parseReference, type Reference, type Repository } from '../oci/reference.ts';
import { say } from '../sentence.ts';

/** Where an image goes, once its revision is known. */
export interface ImageTarget {
  readonly repository: Repository;
  /** The tag of an image of that revision. */
  tagOf(revision: string): string;
  /** True when the tag was given and may move; tags made from a revision never do. */
  readonly isFixedTag: boolean;
}

/** The registry that `imagewright up` serves. */
export const embeddedRegistry = '127.0.0.1:8080';

/**
 * Reads where to push an image called `name`:
 *
 * - `host/team/image:tag` is that very tag
 * - `host/team/image` (a push repository) gives `host/team/image:<name>-<revision>`
 * - `host/team/` (a push prefix) gives `host/team/<name>:<revision>`
 *
 * Throws `reference-invalid`.
 */
export function parseTarget(text: string, name: string): ImageTarget {
  if (text.endsWith('/')) {
    const { repository } = parseReference(`${text}${name}`);
    return { repository, tagOf: (revision) => revision, isFixedTag: false };
  }
  const reference = parseReference(text);
  if (reference.digest !== undefined) {
    throw new BuilderError('reference-invalid', say`An image cannot be pushed to a digest: "${text}"`, {
      hint: say`Leave out "@sha256:…"; the digest is known only when the image is made.`,
    });
  }
  const { repository } = reference;
  const fixed = fixedTag(text, reference);
  if (fixed !== undefined) return { repository, tagOf: () => fixed, isFixedTag: true };
  return { repository, tagOf: (revision) => `${name}-${revision}`, isFixedTag: false };
}

/** The tag as written: `parseReference` adds `latest` where there is none. */
function fixedTag(text: string, { tag }: Reference): string | undefined {
  return tag !== undefined && text.endsWith(`:${tag}`) ? tag : undefined;
}
