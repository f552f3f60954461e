import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../../oci/digest.ts';
import type { TaggedRevision } from './registry-index.ts';
import { expiredRevisions } from './retention.ts';

const now = new Date('2026-06-30T00:00:00Z');
const daysAgo = (days: number) => new Date(now.getTime() - days * 24 * 60 * 60 * 1000);
const revision = (tag: string, tagged: number, pulled?: number): TaggedRevision => ({
  tag,
  digest: digestOf(tag),
  taggedAt: daysAgo(tagged),
  ...(pulled !== undefined && { pulledAt: daysAgo(pulled) }),
});
const expired = (revisions: readonly TaggedRevision[], keepLast: number, current?: string) =>
  expiredRevisions(revisions, { keepLast, keepDays: 30 }, { now, current }).map(({ tag }) => tag);

describe('expiredRevisions', () => {
  const revisions = [
    revision('old', 90),
    revision('older', 100),
    revision('pulled', 80, 3),
    revision('long ago pulled', 70, 40),
    revision('new', 5),
  ];

  it('keeps the last, and what was tagged or pulled of late', () => {
    expect(expired(revisions, 1)).toEqual(['long ago pulled', 'old', 'older']);
    expect(expired(revisions, 3)).toEqual(['old', 'older']);
    expect(expired(revisions, 5)).toEqual([]);
    expect(expired([], 1)).toEqual([]);
  });

  it('keeps what is in force, however old, and what is the same', () => {
    const same = { ...revision('same', 95), digest: digestOf('older') };
    expect(expired([...revisions, same], 1, 'older')).toEqual(['long ago pulled', 'old']);
    expect(expired(revisions, 1, 'unknown')).toEqual(['long ago pulled', 'old', 'older']);
  });

  it('never lets go of what any rule keeps', () => {
    const days = fc.integer({ min: 0, max: 200 });
    const any = fc.record({ tagged: days, pulled: fc.option(days, { nil: undefined }) });
    fc.assert(
      fc.property(fc.array(any), fc.nat(5), fc.nat(10), (all, keepLast, index) => {
        const found = all.map(({ tagged, pulled }, number) => revision(`t${number}`, tagged, pulled));
        const gone = expired(found, keepLast, `t${index}`);
        expect(found.length - gone.length).toBeGreaterThanOrEqual(Math.min(keepLast, found.length));
        expect(gone).not.toContain(`t${index}`);
        for (const tag of gone) {
          const { tagged, pulled = 200 } = all[Number(tag.slice(1))]!;
          expect(Math.min(tagged, pulled)).toBeGreaterThan(30);
        }
      }),
    );
  });
});
