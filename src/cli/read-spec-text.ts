import type { Readable } from 'node:stream';
import { BuilderError, isBuilderError } from '../errors.ts';
import { say } from '../sentence.ts';
import { parseSpecFile } from '../spec/parse-spec.ts';
import type { SpecText } from '../spec/spec-text.ts';
import { readOperand } from './read-spec.ts';

/** What a spec file says, as a server takes it; what the file does not mention is absent. */
export interface SpecFile {
  readonly name: string;
  readonly displayName?: string;
  readonly description?: string;
  readonly type?: 'cpu' | 'gpu' | 'universal';
  readonly spec: SpecText;
}

/**
 * Reads a spec from a file, or from standard input for `-`, with its package lists as typed: a list's item is a line, a text stays as it
 * is. Throws `command-invalid` or, with all problems, `spec-invalid`.
 */
export async function readSpecText(path: string, stdin: Readable): Promise<SpecFile> {
  const text = (await readOperand(path, stdin)).toString('utf8');
  const parsed = await parseSpecFile(text);
  if ('problems' in parsed) {
    const count = parsed.problems.length === 1 ? 'One problem' : `${parsed.problems.length} problems`;
    throw new BuilderError('spec-invalid', say`${count} in ${path === '-' ? 'the spec' : path}`, {
      problems: parsed.problems,
    });
  }
  const { name, displayName, description, type, base, cuda, compileBytecode } = parsed.spec;
  const typed = await typedValues(text);
  const listOf = (ecosystem: 'apt' | 'conda' | 'pip') => [typed.packages?.[ecosystem] ?? ''].flat().join('\n');
  return {
    name,
    ...(displayName !== undefined && { displayName }),
    ...(description !== undefined && { description }),
    ...(typed.type && { type }),
    spec: {
      base,
      ...(cuda !== undefined && { cuda }),
      packages: { apt: listOf('apt'), conda: listOf('conda'), pip: listOf('pip') },
      ...(compileBytecode === true && { compileBytecode }),
    },
  };
}

/** The part of a well-formed spec that parsing does not keep as typed. */
interface TypedSpec {
  readonly type?: string | null;
  readonly packages?: Readonly<Partial<Record<'apt' | 'conda' | 'pip', string | readonly string[] | null>>> | null;
}

async function typedValues(text: string): Promise<TypedSpec> {
  const { parse } = await import('yaml');
  return parse(text, { schema: 'core', logLevel: 'silent' });
}

/** Makes the problems that a server finds in a spec point into the file: there, the spec is not a field of something. */
export function pointIntoFile(error: unknown): never {
  if (!isBuilderError(error) || error.problems.length === 0) throw error;
  const { code, message, hint, current } = error;
  const problems = error.problems.map((problem) => ({ ...problem, field: problem.field.replace(/^spec\.(?=.)/, '') }));
  throw new BuilderError(code, message, { hint, current, cause: error, problems });
}
