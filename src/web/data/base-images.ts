import { useQuery } from '@tanstack/react-query';
import { listAudit } from '../../api/audit.ts';
import {
  createBaseImage,
  deleteBaseImage,
  editBaseImage,
  type getBaseImage,
  listBaseImages,
} from '../../api/base-images.ts';
import type { CallOf } from '../../api/create-client.ts';
import type { AnswerOf } from '../../api/endpoint.ts';
import { answer, useChange } from './ask.ts';

export type BaseImage = Omit<AnswerOf<typeof getBaseImage>, 'createdBy' | 'createdAt' | 'updatedAt'>;

/** A page of the bases that are registered. */
export const useBaseImages = (query: Omit<CallOf<typeof listBaseImages>['query'], 'source'>) =>
  useQuery(answer(listBaseImages, { query: { ...query, source: 'registered' } }));

const ofBases = [listBaseImages, listAudit];

export const useCreateBaseImage = () => useChange(createBaseImage, { forgets: ofBases });

export const useEditBaseImage = () => useChange(editBaseImage, { forgets: ofBases });

export const useDeleteBaseImage = () => useChange(deleteBaseImage, { forgets: ofBases });
