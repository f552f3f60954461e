import { describe, expect, it } from 'vitest';
import { buildLockedConda } from '../../../../test/makers.ts';
import { formatPrefixRecord, withRequestedSpecs } from './prefix-record.ts';

describe('withRequestedSpecs', () => {
  const line = '\n  "requested_specs": [],\n';
  const record = formatPrefixRecord(buildLockedConda({ name: 'demo', license: line }), [
    { _path: line, path_type: 'hardlink' },
  ]);
  const parsed = (specs: readonly string[]) => JSON.parse(withRequestedSpecs(record, specs)) as unknown;
  const before = JSON.parse(record.toString()) as object;

  it('changes nothing but what was asked, whatever else the record holds', () => {
    expect(parsed(['demo >=1'])).toEqual({ ...before, requested_spec: 'demo >=1', requested_specs: ['demo >=1'] });
    expect(parsed(['demo', 'demo $& "x"'])).toEqual({ ...before, requested_specs: ['demo', 'demo $& "x"'] });
  });
});
