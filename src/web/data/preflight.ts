import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { CallOf } from '../../api/create-client.ts';
import type { AnswerOf } from '../../api/endpoint.ts';
import { preflightSpec } from '../../api/images.ts';
import { answer } from './ask.ts';
import { useSettled } from './use-settled.ts';

export type Preflight = AnswerOf<typeof preflightSpec>;
export type PreflightQuestion = CallOf<typeof preflightSpec>['body'];

/** What is known of a spec that is being written. */
export interface PreflightState {
  /** The latest answer, also while the next one is on its way. */
  readonly found?: Preflight | undefined;
  /** Why the latest question had no answer. */
  readonly error?: unknown;
  /** The spec was changed since that was found, or is being looked at now. */
  readonly isBehind: boolean;
  /** Asks again, where the latest question had no answer. */
  readonly retry: () => void;
}

const pauseMs = 1000;

/** Asks what a spec would give, a second after it was last changed; `undefined`: there is nothing to ask yet. */
export function usePreflight(question: PreflightQuestion | undefined): PreflightState {
  const asked = useSettled(question, pauseMs);
  const { data, error, isFetching, refetch } = useQuery({
    ...answer(preflightSpec, { body: asked! }),
    enabled: asked !== undefined,
    retry: false,
    staleTime: 5 * 60_000,
    gcTime: 5 * 60_000,
  });
  const [latest, setLatest] = useState<Pick<PreflightState, 'found' | 'error'>>({});
  useEffect(() => {
    if (asked === undefined) setLatest({});
    else if (!isFetching && data !== undefined) setLatest({ found: data });
    else if (!isFetching && error !== null) setLatest({ error });
  }, [asked, data, error, isFetching]);
  const isSettled = JSON.stringify(question) === JSON.stringify(asked);
  return { ...latest, isBehind: question !== undefined && (!isSettled || isFetching), retry: () => void refetch() };
}
