import { z } from 'zod';
import { type ErrorCode, errorTable } from '../errors.ts';

/** What is wrong with one place of what was sent, see `Problem`. */
export const problemSchema = z
  .object({
    field: z.string().meta({ description: 'Where in the body: a dotted path.', example: 'packages.pip' }),
    line: z.number().int().optional().meta({ description: 'Line of that field, counted from 1.' }),
    text: z.string().optional(),
    code: z.string().meta({ example: 'package-not-found' }),
    message: z.string(),
    hint: z.string().optional(),
  })
  .meta({ id: 'Problem' });

const codes = Object.keys(errorTable) as [ErrorCode, ...ErrorCode[]];

/** The body of every answer that is an error: RFC 9457 problem details, media type `application/problem+json`. */
export const problemDetailsSchema = z
  .object({
    type: z.string().meta({ example: 'urn:imagewright:error:spec-invalid' }),
    title: z.string(),
    status: z.number().int(),
    code: z.enum([...codes, 'internal']),
    detail: z.string(),
    hint: z.string().optional(),
    problems: z.array(problemSchema),
    /** What stands on the server now, where an edit was made from something older. */
    current: z.unknown().optional(),
  })
  .meta({ id: 'ProblemDetails' });

export type ProblemDetails = z.output<typeof problemDetailsSchema>;
