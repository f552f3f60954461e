import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ProblemAlert } from './problem-alert.tsx';
import { Waiting } from './waiting.tsx';

interface AnsweredProps<T> {
  readonly query: UseQueryResult<T>;
  readonly rows?: number;
  readonly children: (data: T) => ReactNode;
}

/** Shows what was asked for once it is there; until then that it is on its way, or why it is not. */
export function Answered<T>({ query, rows, children }: AnsweredProps<T>) {
  if (query.data !== undefined) return children(query.data);
  if (query.error !== null) return <ProblemAlert error={query.error} onRetry={() => void query.refetch()} />;
  return <Waiting {...(rows !== undefined && { rows })} />;
}
