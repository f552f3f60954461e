import { useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { CallOf } from '../../api/create-client.ts';
import type { AnswerOf } from '../../api/endpoint.ts';
import { listPackageNames, listPackageVersions } from '../../api/packages.ts';
import { answer } from './ask.ts';

type Kind = CallOf<typeof listPackageNames>['params']['ecosystem'];

/** What packages are looked up for: base and pull secret, as they stand in the form. */
export type PackagePlace = Omit<CallOf<typeof listPackageNames>['query'], 'written'>;

export type PackageNames = AnswerOf<typeof listPackageNames>;

/** Asks what packages there are. What is not known, for whatever reason, is none. */
export interface PackageLookup {
  names(kind: Kind, written: string, place: PackagePlace): Promise<PackageNames>;
  /** The newest first. */
  versions(kind: Kind, name: string, place: PackagePlace): Promise<readonly string[]>;
}

const holdsMs = 10 * 60_000;
const noNames: PackageNames = { names: [], isAll: false, isComing: false };

export function usePackageLookup(): PackageLookup {
  const queries = useQueryClient();
  return useMemo(
    () => ({
      async names(ecosystem, written, place) {
        const question = answer(listPackageNames, { params: { ecosystem }, query: { ...place, written } });
        // What is on its way will be there when it is asked for again.
        const known = queries.getQueryData<PackageNames>(question.queryKey);
        const staleTime = known?.isComing === true ? 0 : holdsMs;
        return queries.fetchQuery({ ...question, retry: false, staleTime }).catch(() => noNames);
      },
      async versions(ecosystem, name, place) {
        const question = answer(listPackageVersions, { params: { ecosystem, name }, query: place });
        const known = queries.getQueryData<AnswerOf<typeof listPackageVersions>>(question.queryKey);
        const staleTime = known?.versions.length === 0 ? 0 : holdsMs;
        return queries
          .fetchQuery({ ...question, retry: false, staleTime })
          .then(({ versions }) => versions)
          .catch(() => []);
      },
    }),
    [queries],
  );
}
