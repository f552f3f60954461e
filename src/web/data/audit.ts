import { useQuery } from '@tanstack/react-query';
import { listAudit } from '../../api/audit.ts';
import type { CallOf } from '../../api/create-client.ts';
import type { AnswerOf } from '../../api/endpoint.ts';
import { answer } from './ask.ts';

export type AuditEntry = AnswerOf<typeof listAudit>['items'][number];
export type AuditQuery = CallOf<typeof listAudit>['query'];

/** A page of what was changed, the newest first. */
export const useAudit = (query: AuditQuery) => useQuery(answer(listAudit, { query }));
