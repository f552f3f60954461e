import type { TagPage } from './registry-index.ts';

/** Cuts a page out of all tags of a repository, sorted by bytes (tags are ASCII). */
export function pageOfTags(tags: readonly string[], { after, limit }: TagPage): readonly string[] {
  return tags
    .filter((tag) => after === undefined || tag > after)
    .sort((a, b) => (a < b ? -1 : 1))
    .slice(0, limit);
}
