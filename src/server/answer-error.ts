import type { Context } from 'hono';
import type { ProblemDetails } from '../api/problem-details.ts';
import { errorTable, isBuilderError } from '../errors.ts';
import { say } from '../sentence.ts';

/** The door where an error becomes an answer: RFC 9457 problem details. What we did not foresee is logged and not shown. */
export function answerError(error: unknown, c: Context, log: (line: string) => void): Response {
  const details = detailsOf(error);
  if (details.code === 'internal') {
    log(`${c.req.method} ${c.req.path}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
  return c.json(details, details.status as 500, { 'content-type': 'application/problem+json' });
}

function detailsOf(error: unknown): ProblemDetails {
  if (!isBuilderError(error)) {
    const detail = say`Something went wrong on our side. The log of the server has the details.`;
    return { type: 'about:blank', title: 'Internal error', status: 500, code: 'internal', detail, problems: [] };
  }
  const { code, message, hint, problems, current } = error;
  const { status } = errorTable[code];
  return {
    type: `urn:imagewright:error:${code}`,
    title: code.replaceAll('-', ' '),
    status,
    code,
    detail: message,
    ...(hint !== undefined && { hint }),
    problems: [...problems],
    ...(current !== undefined && { current }),
  };
}
