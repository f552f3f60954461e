import { normalisedName } from '../../rootfs/normalised-name.ts';
import type { ThreadPool } from '../../threads/thread-pool.ts';
import type { BackgroundWork } from '../catalogue/background-work.ts';
import { findNames } from '../catalogue/find-names.ts';
import type { PackageCatalogue } from '../catalogue/package-catalogue.ts';
import { listProjects, type ProjectList, projectList } from './list-projects.ts';
import { type ListVersionsOptions, listVersions, mainIndexOf } from './list-versions.ts';
import { indexesFrom, indexUrls } from './uv-settings.ts';

export interface PipCatalogueOptions extends Omit<ListVersionsOptions, 'signal'> {
  readonly threads: ThreadPool;
  readonly background: BackgroundWork;
}

/** Python projects, by the lists of all indexes that a solve would ask. */
export function createPipCatalogue({ background, threads, ...options }: PipCatalogueOptions): PackageCatalogue {
  const { cacheDir, http } = options;
  return {
    async names(written, wanted) {
      const indexes = options.indexes ?? indexesFrom(options.env);
      const urls = indexUrls({ extra: indexes.extra, default: await mainIndexOf(indexes, options) });
      const known = await Promise.all(urls.map((url) => projectList(url, cacheDir)));
      const isOnItsWay = (list: ProjectList, at: number) => {
        const refresh = (signal: AbortSignal) => listProjects(urls[at]!, { cacheDir, http, indexes, threads, signal });
        return list.isOld && background.start(`names: ${list.file}`, refresh);
      };
      const lists = known.map((list, at) => ({ ...list, isOnItsWay: isOnItsWay(list, at) }));
      const files = lists.filter(({ isWithout }) => !isWithout).map(({ file }) => file);
      const found = await findNames({ ...wanted, written: normalisedName(written), files, spelling: normalisedName });
      return { ...found, isComing: lists.some(({ isKnown, isOnItsWay: isComing }) => isComing && !isKnown) };
    },
    versions: (name, signal) => listVersions(name, { ...options, signal }),
  };
}
