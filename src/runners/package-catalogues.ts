import { createBackgroundWork } from '../ecosystems/catalogue/background-work.ts';
import type { PackageCatalogue } from '../ecosystems/catalogue/package-catalogue.ts';
import { type CatalogueQuestion, openCatalogue } from '../ecosystems/open-catalogue.ts';
import { isBuilderError } from '../errors.ts';
import { defaultPlatform } from '../oci/platform.ts';
import { parseReference } from '../oci/reference.ts';
import { resolveImage } from '../registry/client/resolve-image.ts';
import type { ResolvedImage } from '../registry/client/resolved-image.ts';
import type { BlobSource } from '../rootfs/open-rootfs.ts';
import type { Ecosystem } from '../spec/image-spec.ts';
import type { BuildSettings } from './build-settings.ts';
import { openPackageTools, openRegistryClient, type RegistryAccess, type SharedTools } from './open-job-tools.ts';
import type { RegistryGrant } from './registry-grant.ts';

export interface PackageQuestion {
  readonly ecosystem: Ecosystem;
  /** Reference of the base; what has to be known of apt packages. */
  readonly base: string | undefined;
  readonly pullSecret: string | null;
  readonly ownerGroup: string | null;
  /** Of whoever asks: what they see can be a base. */
  readonly groups: RegistryGrant['groups'];
  /** The conda channel that a line names before its package. */
  readonly channel: string | undefined;
  /** Conda channels that lines put before those that are set up. */
  readonly channels: readonly string[];
}

/** Where packages are looked up, in the sources that a build would have. */
export interface PackageCatalogues extends AsyncDisposable {
  /** `none` where nothing can be looked up, `coming` while the base is being asked for. */
  open(question: PackageQuestion): Promise<PackageCatalogue | 'none' | 'coming'>;
}

/** How long a base is taken for what its reference means. */
const baseMaxAgeMs = 10 * 60_000;
const mostBases = 500;
const baseKey = 'base: ';

export function createPackageCatalogues(
  shared: SharedTools,
  settings: BuildSettings,
  { onFailure }: { readonly onFailure: (error: unknown) => void },
): PackageCatalogues {
  const background = createBackgroundWork({
    // What is wrong with a base the field of the base says.
    onFailure: (key, error) => (key.startsWith(baseKey) && isBuilderError(error)) || onFailure(error),
  });
  const bases = new Map<string, { readonly base: ResolvedImage; readonly atMs: number }>();

  /** Whoever may not pull the base is not told what it holds. */
  function baseOf(access: RegistryAccess): ResolvedImage | 'none' | 'coming' {
    const key = `${baseKey}${JSON.stringify(access)}`;
    const known = bases.get(key);
    if (known !== undefined && Date.now() - known.atMs < baseMaxAgeMs) return known.base;
    bases.delete(key);
    const isComing = background.start(key, async (signal) => {
      const client = await openRegistryClient({ ...access, signal }, shared, settings);
      const base = await resolveImage(client, parseReference(access.base), defaultPlatform, { signal });
      for (const old of [...bases.keys()].slice(0, -mostBases)) bases.delete(old);
      bases.set(key, { base, atMs: Date.now() });
    });
    return isComing ? 'coming' : 'none';
  }

  function questionOf(asked: PackageQuestion): CatalogueQuestion | 'none' | 'coming' {
    const { ecosystem, base: reference, pullSecret, ownerGroup, groups, channel, channels } = asked;
    if (ecosystem === 'pip') return { ecosystem };
    if (ecosystem === 'conda') return { ecosystem, platform: defaultPlatform, channel, added: channels };
    if (reference === undefined) return 'none';
    const access = { base: reference, pullSecret, ownerGroup, grant: { groups } };
    const base = baseOf(access);
    if (typeof base === 'string') return base;
    const getBlob: BlobSource['getBlob'] = async (...wanted) =>
      (await openRegistryClient(access, shared, settings)).getBlob(...wanted);
    return { ecosystem, base, client: { getBlob } };
  }

  return {
    async open(asked) {
      const question = questionOf(asked);
      if (typeof question === 'string') return question;
      const tools = await openPackageTools(shared, settings);
      return (await openCatalogue(question, { ...tools, threads: shared.threads, background })) ?? 'none';
    },
    [Symbol.asyncDispose]: () => background[Symbol.asyncDispose](),
  };
}
