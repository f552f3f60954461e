import { useQuery, useQueryClient } from '@tanstack/react-query';
import { listAudit } from '../../api/audit.ts';
import type { CallOf } from '../../api/create-client.ts';
import type { AnswerOf } from '../../api/endpoint.ts';
import {
  createPackageSource,
  deletePackageSource,
  editPackageSource,
  listPackageSources,
} from '../../api/package-sources.ts';
import { answer, forget, useChange } from './ask.ts';
import { client } from './client.ts';

export type PackageSource = AnswerOf<typeof listPackageSources>['items'][number];
export type NewPackageSource = CallOf<typeof createPackageSource>['body'];
export type SourceKind = PackageSource['kind'];

/** All sources, by kind and in the order in which they are asked. */
export const usePackageSources = () => useQuery(answer(listPackageSources, { query: {} }));

const ofSources = [listPackageSources, listAudit];

export const useCreatePackageSource = () => useChange(createPackageSource, { forgets: ofSources });

export const useEditPackageSource = () => useChange(editPackageSource, { forgets: ofSources });

export const useDeletePackageSource = () => useChange(deletePackageSource, { forgets: ofSources });

/** Puts the sources of a kind into this order: those that stand elsewhere than they should are numbered anew. */
export function useOrderSources(): (sources: readonly PackageSource[]) => Promise<void> {
  const queries = useQueryClient();
  return async (sources) => {
    try {
      for (const [position, { name, position: before }] of sources.entries()) {
        if (position !== before) await client.call(editPackageSource, { params: { name }, body: { position } });
      }
    } finally {
      await forget(queries, ...ofSources);
    }
  };
}
