import { z } from 'zod';

/** Query parameters of every list. */
export const pagingShape = {
  page: z.coerce.number().int().min(1).max(1_000_000).default(1),
  pageSize: z.coerce.number().int().min(1).max(200).default(20),
};

/** One page of a list, with the number of all. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({
    items: z.array(item),
    total: z.number().int(),
    page: z.number().int(),
    pageSize: z.number().int(),
  });
}

/** A page as a store gives it. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly total: number;
}
