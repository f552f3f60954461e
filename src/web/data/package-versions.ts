import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { listPackageVersions } from '../../api/images.ts';
import { answer } from './ask.ts';

/** Gives a function that looks up which versions of a pip package there are, the newest first; none where that cannot be told. */
export function useVersionLookup(): (name: string) => Promise<readonly string[]> {
  const queries = useQueryClient();
  return useCallback(
    async (name) => {
      const question = answer(listPackageVersions, { params: { ecosystem: 'pip', name } });
      try {
        return (await queries.fetchQuery({ ...question, retry: false, staleTime: 10 * 60_000 })).versions;
      } catch {
        return [];
      }
    },
    [queries],
  );
}
