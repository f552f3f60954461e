import type { ResolvedImage } from '../registry/client/resolved-image.ts';
import type { BlobSource } from '../rootfs/open-rootfs.ts';
import type { ThreadPool } from '../threads/thread-pool.ts';
import type { BackgroundWork } from './catalogue/background-work.ts';
import type { PackageCatalogue } from './catalogue/package-catalogue.ts';
import type { PackageTools } from './open-ecosystems.ts';

/** What a name is looked for in. */
export type CatalogueQuestion =
  | {
      readonly ecosystem: 'apt';
      readonly base: ResolvedImage;
      /** Where its layers are had. */
      readonly client: BlobSource;
    }
  | {
      readonly ecosystem: 'conda';
      readonly platform: ResolvedImage['platform'];
      /** See `CondaCatalogueOptions`. */
      readonly channel?: string | undefined;
      readonly added?: readonly string[];
    }
  | { readonly ecosystem: 'pip' };

/** Opens the catalogue of an ecosystem; `undefined` where it has nothing for such a platform. */
export async function openCatalogue(
  question: CatalogueQuestion,
  tools: PackageTools & { readonly threads: ThreadPool; readonly background: BackgroundWork },
): Promise<PackageCatalogue | undefined> {
  if (question.ecosystem === 'apt') {
    const { createAptCatalogue } = await import('./apt/apt-catalogue.ts');
    const { noAptSources } = await import('./apt/apt-sources.ts');
    return createAptCatalogue({ ...tools, ...question, sources: tools.aptSources ?? noAptSources });
  }
  if (question.ecosystem === 'conda') {
    const { createCondaCatalogue } = await import('./conda/conda-catalogue.ts');
    const { condaPlatform } = await import('./conda/virtual-packages.ts');
    const platform = condaPlatform(question.platform);
    return platform === undefined ? undefined : createCondaCatalogue({ ...tools, ...question, platform });
  }
  const { createPipCatalogue } = await import('./pip/pip-catalogue.ts');
  return createPipCatalogue(tools);
}
