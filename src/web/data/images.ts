import { useQuery } from '@tanstack/react-query';
import type { CallOf } from '../../api/create-client.ts';
import type { AnswerOf } from '../../api/endpoint.ts';
import {
  checkImageName,
  createImage,
  deleteImage,
  diffRevisions,
  editImage,
  getImage,
  getRevisionContents,
  listImageJobs,
  listImages,
  listRevisions,
  rollBackImage,
} from '../../api/images.ts';
import { listJobs } from '../../api/jobs.ts';
import { answer, useChange } from './ask.ts';
import { useSettled } from './use-settled.ts';

export type Image = AnswerOf<typeof getImage>;
export type ImageQuery = CallOf<typeof listImages>['query'];
export type Revision = AnswerOf<typeof listRevisions>['items'][number];
export type RevisionContents = AnswerOf<typeof getRevisionContents>;
export type RevisionDifference = AnswerOf<typeof diffRevisions>;

export const useImages = (query: ImageQuery) => useQuery(answer(listImages, { query }));

export const useImage = (name: string) => useQuery(answer(getImage, { params: { name } }));

/** An image to begin an edit from: once `isFetchedAfterMount` it is as it is now, not as it was when it was last looked at. */
export const useImageToEdit = (name: string) => useQuery({ ...answer(getImage, { params: { name } }), staleTime: 0 });

/** Whether a new image may have the name; `undefined` while that is not known, or the name is none (`undefined`). */
export function useIsNameFree(name: string | undefined): boolean | undefined {
  const asked = useSettled(name, 400);
  const { data } = useQuery({
    ...answer(checkImageName, { params: { name: asked ?? '' } }),
    enabled: asked !== undefined,
    staleTime: 10_000,
  });
  return asked === name ? data?.isFree : undefined;
}

const ofChanges = [listImages, getImage, listImageJobs, listJobs];

export const useCreateImage = () => useChange(createImage, { forgets: ofChanges });

export const useEditImage = () => useChange(editImage, { forgets: ofChanges });

export const useDeleteImage = () => useChange(deleteImage, { forgets: [listImages] });

export const useRevisions = (name: string, page: number, pageSize = 20) =>
  useQuery(answer(listRevisions, { params: { name }, query: { page, pageSize } }));

/** What a revision holds; not asked for while there is none. */
export const useRevisionContents = (name: string, revision: string | undefined) =>
  useQuery({
    ...answer(getRevisionContents, { params: { name, revision: revision ?? '' } }),
    enabled: revision !== undefined,
    // A revision never changes.
    staleTime: Number.POSITIVE_INFINITY,
  });

export const useRevisionDifference = (name: string, from: string | undefined, to: string | undefined) =>
  useQuery({
    ...answer(diffRevisions, { params: { name, from: from ?? '', to: to ?? '' } }),
    enabled: from !== undefined && to !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });

export const useRollBackImage = () =>
  useChange(rollBackImage, { forgets: [listImages, getImage, listImageJobs, listRevisions] });
