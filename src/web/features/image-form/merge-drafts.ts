import { type Draft, isSame, type packageKinds } from './draft.ts';

/** Field of a form that can be changed for itself: the lists of packages are one each. */
export type DraftField = Exclude<keyof Draft, 'name' | 'kind' | 'packages'> | (typeof packageKinds)[number];

/** A field that two people have changed, each otherwise. */
export interface Conflict {
  readonly field: DraftField;
  readonly mine: unknown;
  readonly theirs: unknown;
}

interface Versions {
  /** What both began from. */
  readonly from: Draft;
  readonly mine: Draft;
  readonly theirs: Draft;
}

/** Puts two changes of one form together: a field that one side alone has changed is theirs or mine, one that both have stays mine. */
export function mergeDrafts({ from, mine, theirs }: Versions): {
  readonly draft: Draft;
  readonly conflicts: readonly Conflict[];
} {
  const [start, left, right] = [fieldsOf(from), fieldsOf(mine), fieldsOf(theirs)];
  const fields = Object.keys(start) as DraftField[];
  const isUnchanged = (field: DraftField) => isSame(left[field], start[field]);
  const merged = Object.fromEntries(fields.map((field) => [field, isUnchanged(field) ? right[field] : left[field]]));
  const conflicts = fields
    .filter((field) => !isUnchanged(field) && !isSame(right[field], start[field]) && !isSame(left[field], right[field]))
    .map((field) => ({ field, mine: left[field], theirs: right[field] }));
  return { draft: withFields(mine, merged), conflicts };
}

/** A form with some of its fields set. */
export function withFields(draft: Draft, fields: Readonly<Partial<Record<DraftField, unknown>>>): Draft {
  const { apt, conda, pip, ...rest } = { ...fieldsOf(draft), ...fields };
  return { ...draft, ...rest, packages: { apt, conda, pip } } as Draft;
}

/** What stands in the form, field by field. */
export function fieldsOf({
  name: _name,
  kind: _kind,
  packages,
  ...rest
}: Draft): Readonly<Record<DraftField, unknown>> {
  return { ...rest, ...packages };
}
