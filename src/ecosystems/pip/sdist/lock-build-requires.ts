import { BuilderError } from '../../../errors.ts';
import type { LockedFile } from '../../../lock/lock.ts';
import type { PythonEnvironment } from '../../../rootfs/python-environment.ts';
import { say } from '../../../sentence.ts';
import { measured } from '../locked-wheels.ts';
import { type SolveOptions, type SolverTarget, solveRequirements } from '../solve-lines.ts';
import { chooseWheel } from '../tags.ts';
import type { SolvedWheel } from '../uv-compile.ts';
import { packagesWithoutWheels } from '../uv-failure.ts';

export interface BuildRequiresOptions extends SolveOptions {
  readonly python: PythonEnvironment;
  readonly platform: string;
  readonly measure: (wheel: SolvedWheel) => Promise<{ readonly sha256: string; readonly sizeBytes: number }>;
}

/** The wheels that requirements of a build mean, by name: nothing of what the base has counts, as in pip's build isolation. Throws `build-failed`. */
export async function lockBuildRequires(
  requirements: readonly string[],
  title: string,
  { python, platform, measure, ...options }: BuildRequiresOptions,
): Promise<readonly LockedFile[]> {
  if (requirements.length === 0) return [];
  const target: SolverTarget = { python, platform, installed: new Map() };
  const answer = await solveRequirements([...new Set(requirements)].sort(), target, options);
  if ('failure' in answer) throw notToBeHad(title, answer.failure);
  const files: LockedFile[] = [];
  for (const { name, version, wheels } of answer.packages) {
    const wheel = chooseWheel(wheels, python);
    if (wheel === undefined) throw notToBeHad(title, `${name} has no usable wheels`);
    files.push({ name, version, ...(await measured(wheel, measure)) });
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function notToBeHad(title: string, failure: string): BuilderError {
  const [name] = packagesWithoutWheels(failure);
  const why =
    name === undefined
      ? say`what its build requires cannot be had: ${firstReason(failure)}`
      : say`its build requires ${name}, of which there is no wheel for this Python`;
  return new BuilderError('build-failed', say`${title} cannot be built: ${why}`, {
    hint: say`Take another version of the package.`,
  });
}

function firstReason(failure: string): string {
  const text = failure.replace(/\s+/g, ' ');
  return (/cause: (.*?)(?:, we can conclude| hint:|$)/.exec(text)?.[1] ?? text).slice(0, 500);
}
