import type { ResolvedImage } from '../../registry/client/resolved-image.ts';
import type { BackgroundWork } from '../catalogue/background-work.ts';
import { findNames } from '../catalogue/find-names.ts';
import { ageOf, maxListAgeMs } from '../catalogue/list-age.ts';
import { openNameList } from '../catalogue/name-list.ts';
import type { PackageCatalogue } from '../catalogue/package-catalogue.ts';
import type { AptTools } from './apt-room.ts';
import { compareVersions } from './compare-versions.ts';
import { listNames, namesFile } from './list-names.ts';

export interface AptCatalogueOptions extends AptTools {
  /** Whose sources are meant. */
  readonly base: ResolvedImage;
  readonly background: BackgroundWork;
}

/** Debian packages, by the lists that a solve on the base keeps. */
export function createAptCatalogue({ base, background, ...tools }: AptCatalogueOptions): PackageCatalogue {
  const file = namesFile(base, tools);
  return {
    async names(written, wanted) {
      const age = await ageOf(file);
      const isOnItsWay =
        age >= maxListAgeMs && background.start(`names: ${file}`, (signal) => listNames(base, tools, signal));
      const found = await findNames({ ...wanted, written, files: [file], spelling: (name) => name });
      return { ...found, isComing: isOnItsWay && age === Number.POSITIVE_INFINITY };
    },
    async versions(name) {
      await using list = await openNameList(file);
      const { more = '' } = (await list?.find(name)) ?? {};
      return more
        .split(' ')
        .filter(Boolean)
        .sort((a, b) => compareVersions(b, a));
    },
  };
}
