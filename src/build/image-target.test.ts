import { describe, expect, it } from 'vitest';
import { formatReference } from '../oci/reference.ts';
import { parseTarget } from './image-target.ts';

const pushed = (to: string) => {
  const { repository, tagOf } = parseTarget(to, 'research');
  return formatReference({ repository, tag: tagOf('1a2b3c4d') });
};

describe('parseTarget', () => {
  it.each([
    ['r.example.com/team/nb:stable', 'r.example.com/team/nb:stable'],
    ['r.example.com/team/nb:latest', 'r.example.com/team/nb:latest'],
    ['r.example.com/team/nb', 'r.example.com/team/nb:research-1a2b3c4d'],
    ['r.example.com:5000/team/', 'r.example.com:5000/team/research:1a2b3c4d'],
    ['127.0.0.1:8080/', '127.0.0.1:8080/research:1a2b3c4d'],
  ])('%s pushes to %s', (to, expected) => expect(pushed(to)).toBe(expected));

  it('says whether the tag may move', () => {
    expect(parseTarget('r.example.com/a:b', 'n').isFixedTag).toBe(true);
    expect(parseTarget('r.example.com/a', 'n').isFixedTag).toBe(false);
  });

  it.each(['r.example.com/Team/', `r.example.com/a@sha256:${'0'.repeat(64)}`, 'https://r.example.com/a', ''])(
    'refuses %s',
    (to) => expect(() => parseTarget(to, 'n')).toThrowError(expect.objectContaining({ code: 'reference-invalid' })),
  );
});
