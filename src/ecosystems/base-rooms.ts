import type { Layer } from '../layers/layer.ts';
import type { LockedPackage } from '../lock/lock.ts';
import { canonicalJson } from '../oci/canonical-json.ts';
import { type Digest, digestOf } from '../oci/digest.ts';
import type { ResolvedImage } from '../registry/client/resolved-image.ts';
import type { BlobSource } from '../rootfs/open-rootfs.ts';
import type { Rootfs } from '../rootfs/rootfs.ts';
import type { Room, RoomLimits, Sandbox, SandboxLayer } from '../sandbox/sandbox.ts';
import type { InstalledEcosystem } from './ecosystem.ts';

/** A base, and what is installed on it before anything is laid down. */
export interface InstalledBase {
  readonly base: ResolvedImage;
  /** The base's own content. */
  readonly rootfs: Rootfs;
  /** Those of ecosystems that install count, the others are left aside. */
  readonly packages: readonly LockedPackage[];
}

/** Opens rooms in which code finds what it will find in the image, short of what is laid down. */
export interface BaseRooms {
  readonly limits: RoomLimits;
  /** See `Sandbox.missing`. */
  missing(): Promise<string | undefined>;
  /** Opens a room; what is to be installed on the base is installed, unless its layer is there. Throws what either throws. */
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
  readonly limits: RoomLimits;
}

export function createBaseRooms({ sandbox, client, installers, limits }: BaseRoomsOptions): BaseRooms {
  const packagesOf = ({ resolver }: InstalledEcosystem, { packages }: InstalledBase) =>
    packages.filter(({ ecosystem }) => ecosystem === resolver.ecosystem);

  const openOn: BaseRooms['openOn'] = (base, above, { signal }) => {
    const layers = [...layersOf(base, client), ...above.map(shown)];
    return sandbox.open({ architecture: base.config.architecture, layers }, { signal });
  };

  async function installedLayers(below: InstalledBase, signal: AbortSignal): Promise<readonly Layer[]> {
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
    return layers;
  }

  return {
    limits,
    missing: () => sandbox.missing(),
    async open(below, { signal }) {
      return openOn(below.base, await installedLayers(below, signal), { signal });
    },
    openOn,
    keyOf(below) {
      const packages = installers.flatMap((installer) => packagesOf(installer, below));
      return digestOf(
        canonicalJson({
          base: [...below.base.config.rootfs.diff_ids],
          installed: packages.map(({ ecosystem, name, version, sha256 }) => [ecosystem, name, version, sha256]),
        }),
      );
    },
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
