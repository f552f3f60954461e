import {
  keepPreviousData,
  type QueryClient,
  queryOptions,
  type UseMutationResult,
  useMutation,
  useQueryClient,
} from '@tanstack/react-query';
import type { CallOf } from '../../api/create-client.ts';
import type { AnswerOf, Endpoint } from '../../api/endpoint.ts';
import { client } from './client.ts';

/**
 * What an endpoint answers, as options for `useQuery`; kept under `[endpoint.id, call]`. While another page of a list is on its way,
 * the one before stays.
 */
export function answer<E extends Endpoint>(endpoint: E, call: CallOf<E>) {
  return queryOptions<AnswerOf<E>>({
    queryKey: [endpoint.id, call],
    queryFn: ({ signal }) => client.call(endpoint, call, { signal }) as Promise<NonNullable<AnswerOf<E>>>,
    ...('page' in (endpoint.query?.shape ?? {}) && { placeholderData: keepPreviousData as never }),
  });
}

/** Forgets what these endpoints have answered; what is on show is asked anew. */
export async function forget(queries: QueryClient, ...endpoints: readonly Endpoint[]): Promise<void> {
  await Promise.all(endpoints.map(({ id }) => queries.invalidateQueries({ queryKey: [id] })));
}

/** Sends a change, and forgets what it makes old. `mutate(call)` takes what the endpoint asks for. */
export function useChange<E extends Endpoint>(
  endpoint: E,
  { forgets = [] }: { readonly forgets?: readonly Endpoint[] } = {},
): UseMutationResult<AnswerOf<E>, Error, CallOf<E>> {
  const queries = useQueryClient();
  return useMutation<AnswerOf<E>, Error, CallOf<E>>({
    mutationFn: (call) => client.call(endpoint, call),
    onSettled: () => forget(queries, ...forgets),
  });
}
