import { BuilderError } from '../errors.ts';
import { say } from '../sentence.ts';
import type { ImageSpec } from './image-spec.ts';
import { parseSpec } from './parse-spec.ts';

/** What a form holds of a spec: the package lists as typed, comments and blank lines too. */
export interface SpecText {
  readonly base: string;
  /** Absent where the machines have no CUDA: `12.4`. */
  readonly cuda?: string | undefined;
  readonly packages: { readonly apt: string; readonly conda: string; readonly pip: string };
  readonly compileBytecode?: boolean | undefined;
}

/** The spec of an image of that name. Throws `spec-invalid` with all problems. */
export function specOf(name: string, { base, cuda, packages, compileBytecode }: SpecText): ImageSpec {
  const parsed = parseSpec({ name, base, cuda, packages, compileBytecode });
  if ('spec' in parsed) return parsed.spec;
  const count = parsed.problems.length === 1 ? say`One problem` : say`${parsed.problems.length} problems`;
  throw new BuilderError('spec-invalid', say`${count} in what is to be built`, { problems: parsed.problems });
}
