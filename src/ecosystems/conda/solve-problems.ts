import type { Problem } from '../../errors.ts';
import { quoted, type Sentence, say } from '../../sentence.ts';
import { type Channel, channelTitle } from './channels.ts';
import { type CondaRequest, condaField, condaProblem } from './conda-line.ts';
import { formatMatchSpec } from './match-spec.ts';
import type { AbsentSpec, SolveAnswer, SolveFailure } from './solve/solve-task.ts';

export interface FailureContext {
  readonly requests: readonly CondaRequest[];
  readonly channels: readonly Channel[];
  readonly cuda?: string | undefined;
}

/** What the solver says as problems at the lines that it is about, in their order. */
export function solveProblems(
  { absent, failures }: Extract<SolveAnswer, { absent: unknown }>,
  context: FailureContext,
): readonly Problem[] {
  const problems = [
    ...absent.map((each) => absentProblem(each, context)),
    ...failures.flatMap((each) => failureProblems(each, context)),
  ];
  return problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
}

function absentProblem({ wanted, nameExists, near }: AbsentSpec, { requests, channels }: FailureContext): Problem {
  const { line, spec } = requests[wanted]!;
  if (nameExists) {
    return condaProblem(line, {
      code: 'version-not-found',
      message: say`There is a package ${spec.name}, but none that is ${formatMatchSpec(spec)}`,
      hint: say`Leave out the channel, subdirectory or hash that the line names, or correct it.`,
    });
  }
  const places = channels.map(channelTitle).join(', ');
  return condaProblem(line, {
    code: 'package-not-found',
    message:
      channels.length === 1
        ? say`There is no package "${spec.name}" in the channel ${places}`
        : say`There is no package "${spec.name}" in the channels ${places}`,
    hint:
      near === undefined
        ? say`Check the spelling, or put the line on the pip list; another channel is named as in channel::name.`
        : say`Did you mean ${near}?`,
  });
}

function failureProblems(
  { reason, wanted, elsewhere }: SolveFailure,
  { requests, channels, cuda }: FailureContext,
): readonly Problem[] {
  const alone = /^No candidates were found for [^\n]*$/.test(reason);
  const refusal = {
    code: alone ? 'version-not-found' : 'conflict',
    message: quoted(reason),
    hint: alone && elsewhere !== undefined ? elsewhereHint(elsewhere, channels) : hintOf(reason, { alone, cuda }),
  };
  if (wanted.length === 0) return [{ field: condaField, ...refusal }];
  return wanted.map((at) => condaProblem(requests[at]!.line, refusal));
}

/** Strict priority: only the first channel that has a package counts. */
function elsewhereHint(elsewhere: readonly number[], channels: readonly Channel[]): Sentence {
  const places = elsewhere.map((at) => channelTitle(channels[at]!)).join(', ');
  return say`Allow a version that there is. ${places} has the package, too, but stands behind another that has it: to take it from there, name that channel as in channel::name.`;
}

function hintOf(
  reason: string,
  { alone, cuda }: { readonly alone: boolean; readonly cuda: string | undefined },
): Sentence {
  if (/(?:^|\s)__cuda\s/.test(reason)) {
    return cuda === undefined
      ? say`Say the version of CUDA that the machines have in the field "cuda" of the spec, as in cuda: "12.4".`
      : say`The spec says CUDA ${cuda}; allow another version of the package, or say a newer one if the machines have it.`;
  }
  if (/(?:^|\s)__glibc\s/.test(reason)) {
    return say`Choose a base image with a newer C library, or allow an older version of the package.`;
  }
  return alone ? say`Allow a version that there is.` : say`Loosen or remove one of the lines that the reason names.`;
}
