import type { Layer } from '../layers/layer.ts';
import type { LayerAssembler } from '../layers/layer-assembler.ts';
import type { Lock, LockedPackage, LockedPrefix } from '../lock/lock.ts';
import { canonicalJson } from '../oci/canonical-json.ts';
import { type Digest, digestOf } from '../oci/digest.ts';
import { formatPlatform } from '../oci/platform.ts';
import { formatReference } from '../oci/reference.ts';
import type { ResolvedImage } from '../registry/client/resolved-image.ts';
import type { BlobSource } from '../rootfs/open-rootfs.ts';
import type { Rootfs } from '../rootfs/rootfs.ts';
import type { Room, RoomLimits, Sandbox, SandboxLayer } from '../sandbox/sandbox.ts';
import type { EcosystemSupport, InstalledEcosystem, LaidDownEcosystem } from './ecosystem.ts';
import { laidDownLayers } from './laid-down-layers.ts';

/** A base, and the packages on it that code finds there. */
export interface InstalledBase {
  readonly base: ResolvedImage;
  /** The base's own content. */
  readonly rootfs: Rootfs;
  /** Those of pip are left aside: code that makes them must not find them. */
  readonly packages: readonly LockedPackage[];
  /** The environment of the conda packages among them. */
  readonly conda?: LockedPrefix | undefined;
}

/** Opens rooms in which code finds what it will find in the image, short of what pip brings. */
export interface BaseRooms {
  readonly limits: RoomLimits;
  /** See `Sandbox.missing`. */
  missing(): Promise<string | undefined>;
  /** Opens a room; what is to be on the base is installed and laid down, unless its layers are there. Throws what either throws. */
  open(below: InstalledBase, options: { readonly signal: AbortSignal }): Promise<Room>;
  /** Opens a room that shows the base with these layers on it, lowest first. Throws what `Sandbox.open` throws. */
  openOn(base: ResolvedImage, layers: readonly Layer[], options: { readonly signal: AbortSignal }): Promise<Room>;
  /** Names all that a room shows. */
  keyOf(below: InstalledBase): Digest;
}

export interface BaseRoomsOptions {
  readonly sandbox: Sandbox;
  /** Where layers of bases are had. */
  readonly client: BlobSource;
  readonly installers: readonly InstalledEcosystem[];
  /** Of those that are laid down, lowest first, the ones that rooms show. */
  readonly laidDown: readonly LaidDownEcosystem[];
  readonly assembler: LayerAssembler;
  readonly limits: RoomLimits;
}

export function createBaseRooms(options: BaseRoomsOptions): BaseRooms {
  const { sandbox, client, installers, laidDown, assembler, limits } = options;
  const packagesOf = ({ resolver }: EcosystemSupport, { packages }: InstalledBase) =>
    packages.filter(({ ecosystem }) => ecosystem === resolver.ecosystem);

  const openOn: BaseRooms['openOn'] = (base, above, { signal }) => {
    const layers = [...layersOf(base, client), ...above.map(shown)];
    return sandbox.open({ architecture: base.config.architecture, layers }, { signal });
  };

  async function layersOn(below: InstalledBase, signal: AbortSignal): Promise<readonly Layer[]> {
    const layers: Layer[] = [];
    let { rootfs } = below;
    for (const installer of installers) {
      const packages = packagesOf(installer, below);
      if (packages.length === 0) continue;
      const request = { packages, base: below.base, rootfs, compression: 'zstd', noCache: false, signal } as const;
      const { layer, index } = await installer.install(request);
      rootfs = rootfs.with(await index());
      layers.push(layer);
    }
    for (const support of laidDown) {
      const packages = packagesOf(support, below);
      if (packages.length === 0) continue;
      const lock = lockOf(below, packages);
      layers.push(...(await laidDownLayers(support, lock, { ...below, rootfs, on: layers, assembler, signal })));
    }
    return layers;
  }

  return {
    limits,
    missing: () => sandbox.missing(),
    async open(below, { signal }) {
      return openOn(below.base, await layersOn(below, signal), { signal });
    },
    openOn,
    keyOf(below) {
      const packages = [...installers, ...laidDown].flatMap((support) => packagesOf(support, below));
      return digestOf(
        canonicalJson({
          base: [...below.base.config.rootfs.diff_ids],
          installed: packages.map(({ ecosystem, name, version, sha256 }) => [ecosystem, name, version, sha256]),
          ...(below.conda && { prefix: below.conda.path }),
        }),
      );
    },
  };
}

/** As if the packages were all. */
function lockOf({ base, conda }: InstalledBase, packages: readonly LockedPackage[]): Lock {
  const { reference, digest, platform } = base;
  return {
    lockVersion: 1,
    base: { reference: formatReference(reference), digest, platform: formatPlatform(platform) },
    ...(conda && { conda }),
    packages,
  };
}

/** The layers of a base, as a room shows them. */
export function layersOf({ manifest, config, reference }: ResolvedImage, client: BlobSource): readonly SandboxLayer[] {
  return manifest.layers.map((descriptor, index) => ({
    descriptor,
    diffId: config.rootfs.diff_ids[index]!,
    open: (signal) => client.getBlob(reference.repository, descriptor, { signal }),
  }));
}

function shown({ descriptor, diffId, open }: Layer): SandboxLayer {
  return { descriptor, diffId, open: async () => open() };
}
