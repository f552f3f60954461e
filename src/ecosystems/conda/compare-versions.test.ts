import { describe, expect, it } from 'vitest';
import { compareVersions } from './compare-versions.ts';
import { Version } from './solve/rattler.ts';

const inOrder = [
  ...['0.4', '0.4.1.rc', '0.4.1', '0.5a1', '0.5b3', '0.5', '0.9.6', '0.960923', '1.0'],
  ...[
    '1.1dev1',
    '1.1a1',
    '1.1.dev1',
    '1.1.a1',
    '1.1',
    '1.1.0post1',
    '1.10',
    '1996.07.12',
    '1!0.4.1',
    '1!3.1.1.6',
    '2!0.4',
  ],
];

describe('versions of conda packages', () => {
  it('are ordered as the solver orders them', () => {
    const sign = (order: number | undefined) => Math.sign(order!);
    for (const a of inOrder) {
      for (const b of inOrder) {
        expect([a, b, sign(compareVersions(a, b))]).toEqual([a, b, sign(new Version(a).compare(new Version(b)))]);
      }
    }
  });
});
