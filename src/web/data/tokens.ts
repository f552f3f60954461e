import { useQuery } from '@tanstack/react-query';
import { listAudit } from '../../api/audit.ts';
import type { AnswerOf } from '../../api/endpoint.ts';
import { createToken, listTokens, revokeToken } from '../../api/people.ts';
import { answer, useChange } from './ask.ts';

export type Token = AnswerOf<typeof listTokens>['items'][number];
export type CreatedToken = AnswerOf<typeof createToken>;
export type Scope = Token['scopes'][number];

/** A page of the tokens of a user that are not revoked. */
export const useTokens = (user: string, page: number) => useQuery(answer(listTokens, { query: { user, page } }));

export const useCreateToken = () => useChange(createToken, { forgets: [listTokens, listAudit] });

export const useRevokeToken = () => useChange(revokeToken, { forgets: [listTokens, listAudit] });
