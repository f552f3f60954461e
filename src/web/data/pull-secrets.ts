import { useQuery } from '@tanstack/react-query';
import type { AnswerOf } from '../../api/endpoint.ts';
import { createPullSecrets, listPullSecrets } from '../../api/pull-secrets.ts';
import { answer, useChange } from './ask.ts';

export type PullSecret = AnswerOf<typeof listPullSecrets>['items'][number];

/** The pull secrets that one may use. */
export const usePullSecrets = () =>
  useQuery({ ...answer(listPullSecrets, { query: { pageSize: 200 } }), staleTime: 30_000 });

export const useCreatePullSecret = () => useChange(createPullSecrets, { forgets: [listPullSecrets] });
