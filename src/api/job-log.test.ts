import { describe, expect, it } from 'vitest';
import { getJobLog } from './job-log.ts';

describe('getJobLog', () => {
  it.each([
    [{}, {}],
    [{ tail: '10' }, { tail: 10 }],
    [{ from: '0' }, { from: 0 }],
  ])('takes %j', (query, expected) => {
    expect(getJobLog.query.parse(query)).toEqual(expected);
  });

  it.each([
    [{ tail: '10', from: '0' }, 'from'],
    [{ tail: '0' }, 'tail'],
    [{ tail: '10001' }, 'tail'],
    [{ from: '-1' }, 'from'],
    [{ from: '1.5' }, 'from'],
    [{ from: 'x' }, 'from'],
  ])('refuses %j', (query, field) => {
    const issues = getJobLog.query.safeParse(query).error?.issues ?? [];
    expect(issues.map(({ path }) => path)).toEqual([[field]]);
  });
});
