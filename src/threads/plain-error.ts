import { BuilderError, type BuilderErrorOptions, type ErrorCode } from '../errors.ts';
import type { Sentence } from '../sentence.ts';

/** An error as data: `structuredClone` keeps neither class nor members. */
export type PlainError =
  | {
      readonly code: ErrorCode;
      readonly message: Sentence;
      readonly hint: Sentence | undefined;
      readonly cause: string;
    }
  | { readonly code?: never; readonly message: string; readonly stack: string | undefined };

export function toPlainError(error: unknown): PlainError {
  if (error instanceof BuilderError) {
    return { code: error.code, message: error.message, hint: error.hint, cause: String(error.cause ?? '') };
  }
  if (error instanceof Error) return { message: error.message, stack: error.stack };
  return { message: String(error), stack: undefined };
}

export function fromPlainError(plain: PlainError): Error {
  if (plain.code === undefined) {
    const error = new Error(plain.message);
    if (plain.stack !== undefined) error.stack = plain.stack;
    return error;
  }
  const options: BuilderErrorOptions = { hint: plain.hint, ...(plain.cause !== '' && { cause: plain.cause }) };
  return new BuilderError(plain.code, plain.message, options);
}
