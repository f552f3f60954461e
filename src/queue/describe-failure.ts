import { BuilderError, type ErrorCode, isBuilderError } from '../errors.ts';
import { say } from '../sentence.ts';
import type { FailureClass, JobFailure } from '../store/jobs.ts';

const classes: Readonly<Partial<Record<ErrorCode, FailureClass>>> = {
  'spec-invalid': 'spec',
  'reference-invalid': 'spec',
  'lock-invalid': 'spec',
  'base-not-found': 'base',
  'base-unsupported': 'base',
  'python-not-found': 'base',
  'platform-unavailable': 'base',
  'too-many-layers': 'limit',
  'resolver-failed': 'network',
  'package-corrupt': 'package',
  'package-conflict': 'package',
  'package-unavailable': 'network',
  'build-failed': 'package',
  'image-invalid': 'base',
  'disk-full': 'disk',
  'limit-exceeded': 'limit',
  'timed-out': 'timeout',
  'not-found': 'registry',
  unauthorized: 'auth',
  forbidden: 'auth',
  'registry-invalid-response': 'registry',
  'registry-unavailable': 'network',
  'registry-refused': 'registry',
  'content-mismatch': 'registry',
  cancelled: 'cancelled',
};

const problemClasses: Readonly<Record<string, FailureClass>> = {
  'package-not-found': 'package-not-found',
  'version-not-found': 'package-not-found',
  'no-wheel': 'package-not-found',
  conflict: 'conflict',
};

/** Says why a job failed: the class, the words of the error and what to do next. A bug's words are for the server's log alone. */
export function describeFailure(error: unknown, step: string | undefined): JobFailure {
  const where = step === undefined ? {} : { step };
  if (!isBuilderError(error)) {
    return {
      ...where,
      class: 'bug',
      code: 'internal',
      message: say`Something went wrong on our side`,
      hint: say`The log of the server has the details; tell its administrator.`,
      problems: [],
    };
  }
  const { code, message, hint, problems } = error;
  return { ...where, class: classOf(error), code, message, ...(hint !== undefined && { hint }), problems };
}

function classOf({ code, problems }: BuilderError): FailureClass {
  for (const problem of problems) {
    const found = problemClasses[problem.code];
    if (found !== undefined) return found;
  }
  return classes[code] ?? (code === 'packages-unresolvable' ? 'conflict' : 'bug');
}

/** The failure of a job that took longer than it may. */
export function timeoutError(timeoutMinutes: number): BuilderError {
  return new BuilderError('timed-out', say`The build took longer than the ${timeoutMinutes} minutes that it may`, {
    hint: say`Ask for less in one image, or ask the administrator for more time.`,
  });
}
