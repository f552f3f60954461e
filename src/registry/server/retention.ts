import type { TaggedRevision } from './registry-index.ts';

/** What stays; whatever one of the rules keeps, stays. */
export interface RetentionRules {
  /** So many of a repository's revisions, those tagged last. */
  readonly keepLast: number;
  /** What was tagged or pulled within so many days. */
  readonly keepDays: number;
}

export interface RetentionFacts {
  readonly now: Date;
  /** The tag that is in force; it stays, and so does all that is the same. */
  readonly current?: string | undefined;
}

const dayMs = 24 * 60 * 60 * 1000;

/** Those revisions of one repository that no rule keeps. */
export function expiredRevisions(
  revisions: readonly TaggedRevision[],
  { keepLast, keepDays }: RetentionRules,
  { now, current }: RetentionFacts,
): readonly TaggedRevision[] {
  const currentDigest = revisions.find(({ tag }) => tag === current)?.digest;
  const since = now.getTime() - keepDays * dayMs;
  const isRecent = ({ taggedAt, pulledAt }: TaggedRevision) =>
    taggedAt.getTime() >= since || (pulledAt !== undefined && pulledAt.getTime() >= since);
  return revisions
    .toSorted((a, b) => b.taggedAt.getTime() - a.taggedAt.getTime())
    .slice(keepLast)
    .filter((revision) => revision.digest !== currentDigest && !isRecent(revision));
}
