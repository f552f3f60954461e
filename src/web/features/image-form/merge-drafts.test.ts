import { describe, expect, it } from 'vitest';
import { emptyDraft } from './draft.ts';
import { fieldsOf, mergeDrafts, withFields } from './merge-drafts.ts';

const from = { ...emptyDraft({ isAdmin: true, groups: {} }), name: 'a', base: 'python:3.12', displayName: 'A' };
const pip = (text: string) => ({ packages: { ...from.packages, pip: text } });

describe('two changes of one form', () => {
  it('are put together where they change different fields', () => {
    const { draft, conflicts } = mergeDrafts({
      from,
      mine: { ...from, ...pip('numpy\n') },
      theirs: { ...from, displayName: 'B', packages: { ...from.packages, apt: 'git\n' } },
    });
    expect(draft).toEqual({ ...from, displayName: 'B', packages: { apt: 'git\n', conda: '', pip: 'numpy\n' } });
    expect(conflicts).toEqual([]);
  });

  it('leave a choice where both have changed the same, each otherwise', () => {
    const mine = { ...from, ...pip('numpy\n'), groups: ['lab'] };
    const theirs = { ...from, ...pip('scipy\n'), groups: ['lab'] };
    const { draft, conflicts } = mergeDrafts({ from, mine, theirs });
    expect(draft).toEqual(mine);
    expect(conflicts).toEqual([{ field: 'pip', mine: 'numpy\n', theirs: 'scipy\n' }]);
    expect(withFields(draft, { pip: 'scipy\n' })).toEqual(theirs);
    expect(fieldsOf(theirs).pip).toBe('scipy\n');
  });
});
