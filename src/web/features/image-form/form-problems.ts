import { isBuilderError } from '../../../errors.ts';
import type { ShownProblem } from '../../ui/problem-alert.tsx';
import { type Draft, hasPackages, isName } from './draft.ts';

/** What stands in the way of sending a form, told before anybody is asked: a key of the texts under `complaint`. */
export type Complaint = 'nameMissing' | 'nameInvalid' | 'baseMissing' | 'packagesMissing' | 'urlMissing';
export type Complaints = Readonly<Partial<Record<'name' | 'base' | 'packages' | 'url', Complaint>>>;

/** What is missing of a form, by field. */
export function complaintsOf(draft: Draft): Complaints {
  const { name, kind, base, packages, url } = draft;
  const custom = {
    ...(base.trim() === '' && { base: 'baseMissing' as const }),
    ...(!hasPackages(packages) && { packages: 'packagesMissing' as const }),
  };
  const existing = { ...(url.trim() === '' && { url: 'urlMissing' as const }) };
  return {
    ...(!isName(name) && { name: name === '' ? ('nameMissing' as const) : ('nameInvalid' as const) }),
    ...(kind === 'custom' ? custom : existing),
  };
}

/** The problems that an error tells of. */
export function problemsOf(error: unknown): readonly ShownProblem[] {
  return isBuilderError(error) ? error.problems : [];
}

/** The problems of one field, whatever line they are at; each once, though several answers may tell of it. */
export function problemsAt(field: string, ...lists: readonly (readonly ShownProblem[])[]): readonly ShownProblem[] {
  const own = lists.flat().filter((problem) => problem.field === field);
  return [...new Map(own.map((problem) => [`${problem.line}:${problem.message}`, problem])).values()];
}
