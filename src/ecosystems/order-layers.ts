import type { LayerSource } from '../layers/layer-source.ts';
import type { LockedPackage } from '../lock/lock.ts';
import { type Clobber, inOrderOfWinners } from './clobbers.ts';
import type { FinishRequest, PackagesLayer } from './ecosystem.ts';

export interface OrderOptions {
  readonly clobbers: readonly Clobber[];
  /** Those of the layers, in the order in which they are installed. */
  readonly packages: readonly LockedPackage[];
  readonly sourceOf: (locked: LockedPackage) => Promise<LayerSource>;
}

/** The layers so that each clobbered file is the winner's. Where no order does that, those concerned become one layer. */
export async function orderLayers(
  { made, assembler, rootfs, compression, noCache, signal }: FinishRequest,
  { clobbers, packages, sourceOf }: OrderOptions,
): Promise<readonly PackagesLayer[]> {
  const layers = made.map((each) => ({ ...each, names: each.packages.map(({ name }) => name) }));
  const ordered = inOrderOfWinners(layers, clobbers);
  if (ordered !== undefined) return ordered;
  const concerned = new Set(clobbers.flatMap(({ winner, losers }) => [winner, ...losers]));
  const isConcerned = ({ names }: { readonly names: readonly string[] }) => names.some((name) => concerned.has(name));
  const together = new Set(layers.filter(isConcerned).flatMap(({ names }) => names));
  const merged = packages.filter(({ name }) => together.has(name));
  const sources = await Promise.all(merged.map(sourceOf));
  const layer = await assembler.assemble({ sources, rootfs, compression, noCache, signal });
  const title = `${merged[0]!.ecosystem}: ${merged.length} packages that bring the same files`;
  return [...layers.filter((each) => !isConcerned(each)), { layer, title, packages: merged }];
}
