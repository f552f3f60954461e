import { useQuery } from '@tanstack/react-query';
import type { AnswerOf } from '../../api/endpoint.ts';
import { getLimits } from '../../api/limits.ts';
import { answer } from './ask.ts';

export type Limits = AnswerOf<typeof getLimits>;

/** What a build may use that belongs to no group, and how many are under way. */
export const useLimits = () => useQuery(answer(getLimits, { query: {} }));
