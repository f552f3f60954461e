import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { getImage, listImageJobs, listImages, listRevisions } from '../../api/images.ts';
import { type JobChange, parseJobChange } from '../../api/job-change.ts';
import { getJob, listJobs } from '../../api/jobs.ts';
import { forget } from './ask.ts';
import { followEvents } from './event-stream.ts';
import type { Image } from './images.ts';
import { hasEnded, type Job } from './jobs.ts';

/** Keeps what is shown of jobs as it is on the server, for as long as somebody looks; false while the connection is lost. */
export function useJobFeed(): boolean {
  const queries = useQueryClient();
  const [isLive, setLive] = useState(true);
  useEffect(() => {
    const leave = new AbortController();
    void followEvents({
      path: '/api/v1/events',
      signal: leave.signal,
      onLive: setLive,
      onEvent({ type, data }) {
        if (type === 'job') take(queries, parseJobChange(data));
        if (type === 'reset') void forget(queries, ...ofJobs);
        return undefined;
      },
      // Who is signed out is told so by what they ask next.
    }).catch(() => void forget(queries, ...ofJobs));
    return () => leave.abort();
  }, [queries]);
  return isLive;
}

const ofJobs = [listImages, getImage, listImageJobs, listJobs, getJob, listRevisions];

function take(queries: QueryClient, change: JobChange): void {
  const { id, image, state, steps, progress } = change;
  const changedJob = (job: Job): Job => (job.id === id ? { ...job, state, steps, progress } : job);
  const changedImage = (each: Image): Image =>
    each.name === image ? { ...each, status: state, progress, latestJobId: id } : each;
  queries.setQueriesData<Job>({ queryKey: [getJob.id] }, (job) => job && changedJob(job));
  queries.setQueriesData<Image>({ queryKey: [getImage.id] }, (each) => each && changedImage(each));
  for (const { id: key } of [listImageJobs, listJobs]) setItems<Job>(queries, key, changedJob);
  setItems<Image>(queries, listImages.id, changedImage);
  // Pictures of the whole follow where the change tells only a part: a new job, or one that has ended.
  if (state === 'Pending') void forget(queries, listImageJobs, listJobs);
  if (hasEnded(state)) void forget(queries, ...ofJobs);
}

function setItems<T>(queries: QueryClient, key: string, changed: (item: T) => T): void {
  queries.setQueriesData<{ readonly items: readonly T[] }>(
    { queryKey: [key] },
    (list) => list && { ...list, items: list.items.map(changed) },
  );
}
