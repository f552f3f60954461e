import { useQuery } from '@tanstack/react-query';
import { listBaseImages } from '../../api/base-images.ts';
import type { AnswerOf } from '../../api/endpoint.ts';
import { answer } from './ask.ts';

export type BaseChoice = AnswerOf<typeof listBaseImages>['items'][number];

/** What can be built upon and has this in its name: registered bases, then images that are ready. */
export const useBaseChoices = (q: string) =>
  useQuery({ ...answer(listBaseImages, { query: { q, pageSize: 50 } }), staleTime: 30_000 });
