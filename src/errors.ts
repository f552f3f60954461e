import type { Sentence } from './sentence.ts';

/**
 * How a failure is answered at each of our doors: HTTP status, process exit code, and whether trying again may help. What somebody else fails
 * at (a registry, an index) is 424 (RFC 4918 section 11.4) and not 502: proxies put a page of their own in the place of that.
 */
interface ErrorAnswer {
  readonly status: number;
  readonly exit: number;
  readonly retryable: boolean;
}

/**
 * Exit codes of the command line: 0 done · 2 bad command or spec · 3 packages cannot be resolved · 4 build step failed ·
 * 5 registry or network · 6 not allowed · 1 our bug.
 */
export const errorTable = {
  'command-invalid': { status: 400, exit: 2, retryable: false },
  'request-invalid': { status: 400, exit: 2, retryable: false },
  'spec-invalid': { status: 422, exit: 2, retryable: false },
  'reference-invalid': { status: 422, exit: 2, retryable: false },
  'digest-invalid': { status: 422, exit: 2, retryable: false },
  'lock-invalid': { status: 422, exit: 2, retryable: false },
  'base-not-found': { status: 422, exit: 5, retryable: false },
  'base-unsupported': { status: 422, exit: 2, retryable: false },
  'python-not-found': { status: 422, exit: 2, retryable: false },
  'platform-unavailable': { status: 422, exit: 2, retryable: false },
  'too-many-layers': { status: 422, exit: 2, retryable: false },
  'packages-unresolvable': { status: 422, exit: 3, retryable: false },
  'resolver-failed': { status: 424, exit: 3, retryable: true },
  'package-corrupt': { status: 422, exit: 4, retryable: false },
  'package-conflict': { status: 422, exit: 4, retryable: false },
  'package-unavailable': { status: 424, exit: 5, retryable: true },
  'build-failed': { status: 422, exit: 4, retryable: false },
  'image-invalid': { status: 422, exit: 4, retryable: false },
  'database-unavailable': { status: 503, exit: 5, retryable: true },
  conflict: { status: 409, exit: 2, retryable: false },
  'disk-full': { status: 507, exit: 4, retryable: false },
  'limit-exceeded': { status: 413, exit: 4, retryable: false },
  'timed-out': { status: 504, exit: 4, retryable: false },
  'tool-missing': { status: 500, exit: 4, retryable: false },
  cancelled: { status: 409, exit: 130, retryable: false },
  'not-found': { status: 404, exit: 5, retryable: false },
  unauthorized: { status: 401, exit: 6, retryable: false },
  forbidden: { status: 403, exit: 6, retryable: false },
  'registry-invalid-response': { status: 424, exit: 5, retryable: false },
  'registry-unavailable': { status: 424, exit: 5, retryable: true },
  'registry-refused': { status: 424, exit: 5, retryable: false },
  'content-mismatch': { status: 424, exit: 5, retryable: true },
  'server-unavailable': { status: 503, exit: 5, retryable: true },
  'server-error': { status: 500, exit: 1, retryable: false },
  'too-many-requests': { status: 429, exit: 5, retryable: true },
  'secret-unreadable': { status: 500, exit: 6, retryable: false },
  'registry-not-set': { status: 409, exit: 5, retryable: false },
  'range-invalid': { status: 416, exit: 5, retryable: false },
} as const satisfies Record<string, ErrorAnswer>;

export type ErrorCode = keyof typeof errorTable;

export interface BuilderErrorOptions {
  /** What the user can do next, one sentence. */
  readonly hint?: Sentence | undefined;
  readonly cause?: unknown;
  /** All that is wrong with the spec, when the failure is about the spec. */
  readonly problems?: readonly Problem[];
  /** Of a conflict: what stands now. */
  readonly current?: unknown;
}

/** A failure that a user can meet. Our own bugs are plain `Error`s. */
export class BuilderError extends Error {
  override readonly name = 'BuilderError';
  readonly code: ErrorCode;
  declare readonly message: Sentence;
  readonly hint: Sentence | undefined;
  readonly problems: readonly Problem[];
  readonly current: unknown;

  constructor(code: ErrorCode, message: Sentence, options: BuilderErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.problems = options.problems ?? [];
    this.current = options.current;
  }
}

/** What is wrong with one place of a spec. Data, not an exception: all problems of a spec are reported together. */
export interface Problem {
  /** Where in the spec, a dotted path: `name`, `base`, `packages.pip`. */
  readonly field: string;
  /** Line within the field, counted from 1 over the lines as typed; absent when the whole field is meant. */
  readonly line?: number;
  /** The text of that line, shortened; absent when the field is meant. */
  readonly text?: string;
  /** A stable kebab-case name of what is wrong, e.g. `package-not-found`. */
  readonly code: string;
  /** What is wrong and why, one sentence or the solver's reason. */
  readonly message: Sentence;
  /** What to do instead. */
  readonly hint?: Sentence;
}

/** True for a `BuilderError` with one of the codes (any, when none is given). */
export function isBuilderError(error: unknown, ...codes: ErrorCode[]): error is BuilderError {
  return error instanceof BuilderError && (codes.length === 0 || codes.includes(error.code));
}

/** Makes the message of an unknown thrown value. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
