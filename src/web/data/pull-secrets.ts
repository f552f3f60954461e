import { useQuery } from '@tanstack/react-query';
import { listAudit } from '../../api/audit.ts';
import type { CallOf } from '../../api/create-client.ts';
import type { AnswerOf } from '../../api/endpoint.ts';
import { createPullSecrets, deletePullSecret, editPullSecret, listPullSecrets } from '../../api/pull-secrets.ts';
import { answer, useChange } from './ask.ts';

export type PullSecret = AnswerOf<typeof listPullSecrets>['items'][number];

/** The pull secrets that one may use. */
export const usePullSecrets = () =>
  useQuery({ ...answer(listPullSecrets, { query: { pageSize: 200 } }), staleTime: 30_000 });

/** A page of them. */
export const usePullSecretPage = (query: CallOf<typeof listPullSecrets>['query']) =>
  useQuery(answer(listPullSecrets, { query }));

const ofSecrets = [listPullSecrets, listAudit];

export const useCreatePullSecret = () => useChange(createPullSecrets, { forgets: ofSecrets });

export const useEditPullSecret = () => useChange(editPullSecret, { forgets: ofSecrets });

export const useDeletePullSecret = () => useChange(deletePullSecret, { forgets: ofSecrets });
