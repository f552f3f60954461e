import { z } from 'zod';

/** A text of one line that every store and log can hold: no control characters, well-formed Unicode. */
export function plainText({ min = 0, max }: { readonly min?: number; readonly max: number }) {
  return z
    .string()
    .min(min)
    .max(max)
    .regex(/^[^\x00-\x1f\x7f]*$/, { error: 'must not hold control characters' })
    .refine((text) => text.isWellFormed(), { error: 'must be well-formed Unicode' });
}

/** Like `plainText`, with line ends and tabs. */
export function plainLines({ max }: { readonly max: number }) {
  return z
    .string()
    .max(max)
    .regex(/^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$/, { error: 'must not hold control characters' })
    .refine((text) => text.isWellFormed(), { error: 'must be well-formed Unicode' });
}

/** A secret, any text; it is never part of an answer. */
export const secretText = z
  .string()
  .min(1)
  .max(65_536)
  .refine((text) => text.isWellFormed(), { error: 'must be well-formed Unicode' })
  .meta({ description: 'Never shown again.', writeOnly: true });
