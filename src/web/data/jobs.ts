import { useQuery } from '@tanstack/react-query';
import type { CallOf } from '../../api/create-client.ts';
import type { AnswerOf } from '../../api/endpoint.ts';
import { getImage, listImageJobs, listImages, rebuildImage } from '../../api/images.ts';
import { cancelJob, getJob, getJobLock, listJobs } from '../../api/jobs.ts';
import { answer, useChange } from './ask.ts';

export type Job = AnswerOf<typeof getJob>;
export type JobState = Job['state'];

export const hasEnded = (state: JobState): boolean =>
  state === 'Succeeded' || state === 'Failed' || state === 'Cancelled';

export const useJobs = (query: CallOf<typeof listJobs>['query']) => useQuery(answer(listJobs, { query }));

export const useImageJobs = (name: string, page: number) =>
  useQuery(answer(listImageJobs, { params: { name }, query: { page } }));

export const useJob = (id: string) => useQuery(answer(getJob, { params: { id } }));

/** The lock; asked for when `isWanted`. */
export const useJobLock = (id: string, isWanted: boolean) =>
  useQuery({ ...answer(getJobLock, { params: { id } }), enabled: isWanted });

const seenBy = [listImages, getImage, listImageJobs, listJobs, getJob];

export const useCancelJob = () => useChange(cancelJob, { forgets: seenBy });

export const useRebuildImage = () => useChange(rebuildImage, { forgets: seenBy });
