import { QueryClient } from '@tanstack/react-query';
import { errorTable, isBuilderError } from '../../errors.ts';

/** Keeps what the server said. What may pass is asked again twice; what will not is told at once. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        retry: (failures, error) => failures < 2 && isBuilderError(error) && errorTable[error.code].retryable,
        retryDelay: (failures) => 500 * 2 ** failures,
      },
    },
  });
}
