import { readFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { BuilderError } from '../errors.ts';
import { say } from '../sentence.ts';
import type { ImageSpec } from '../spec/image-spec.ts';
import { parseSpecFile } from '../spec/parse-spec.ts';
import type { OptionValues } from './command.ts';

/** Reads a spec from a file, or from standard input for `-`. Throws `command-invalid` or, with all problems, `spec-invalid`. */
export async function readSpec(path: string, stdin: Readable): Promise<ImageSpec> {
  const answer = await parseSpecFile((await readOperand(path, stdin)).toString('utf8'));
  if ('spec' in answer) return answer.spec;
  const count = answer.problems.length === 1 ? 'One problem' : `${answer.problems.length} problems`;
  throw new BuilderError('spec-invalid', say`${count} in ${path === '-' ? 'the spec' : path}`, {
    problems: answer.problems,
  });
}

/** The spec with what flags of the command add to it. */
export function withFlags(spec: ImageSpec, options: OptionValues): ImageSpec {
  return options.boolean('compile-bytecode') ? { ...spec, compileBytecode: true } : spec;
}

/** Bytes of a file named on the command line. Throws `command-invalid` when it cannot be read. */
export async function readOperand(path: string, stdin: Readable): Promise<Buffer> {
  if (path === '-') return buffer(stdin);
  try {
    return await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a directory' : (code ?? 'it failed');
    throw new BuilderError('command-invalid', say`Cannot read ${path}: ${why}`, { cause: error });
  }
}
