import { BuilderError } from '../errors.ts';
import type { LockedPackage } from '../lock/lock.ts';
import { say } from '../sentence.ts';
import { ecosystems } from '../spec/image-spec.ts';
import { installOrder } from './install-order.ts';

/*
 * Which package goes in which layer.
 *
 * What is wanted: (1) one package more or one version changed makes one new layer, (2) images of different people share layers, (3) no image
 * has more layers than runtimes take. (1) and (2) ask for a layer a package; (3) allows that only while the budget lasts. Beyond it the
 * big packages keep a layer of their own, because there sharing saves most, and the small ones are thrown into a fixed number of
 * groups by a hash of their name, so that a new package disturbs one group, not the neighbours of its place in the alphabet:
 *
 *   base ─ [install] ─ [removals] ─ small group 1 … g ─ a layer for each big package, in install order
 *
 * Where packages of several ecosystems are laid down, each has a stack of its own of that kind: conda's below, pip's on it, as pip finds
 * conda's Python there.
 *
 * What has to be installed by running code is one layer, whatever its packages, right on the base, so that what comes above never runs it again.
 *
 * The plan is a function of the lock and the number of base layers alone: not of time, of what others build or of what is cached.
 */

/** One layer to be made. */
export type LayerPlan =
  | {
      /** What running the ecosystem's own installer on the base leaves. */
      readonly kind: 'install';
      readonly packages: readonly LockedPackage[];
    }
  | {
      /** Removes what the packages above take the place of. */
      readonly kind: 'removals';
      /** Real absolute paths, sorted. */
      readonly paths: readonly string[];
    }
  | {
      readonly kind: 'packages';
      /** In install order: where two bring the same path, the later one wins. */
      readonly packages: readonly LockedPackage[];
    };

export interface PlanRequest {
  readonly packages: readonly LockedPackage[];
  /** Real absolute paths that must go before the packages come. */
  readonly removals: readonly string[];
  readonly baseLayers: number;
  /** Base and ours together, 100 unless told. */
  readonly maxLayers?: number;
}

export const defaultMaxLayers = 100;
/** Docker's graph drivers stop at 125 to 127 layers, CRI-O at 128; a little room is left for whoever builds on the image. */
export const hardMaxLayers = 120;

/** Plans the layers of an image, lowest first. Throws `too-many-layers` when the base leaves no room. */
export function planLayers({ packages, removals, baseLayers, maxLayers = defaultMaxLayers }: PlanRequest): LayerPlan[] {
  if (packages.length === 0 && removals.length === 0) return [];
  const installed = packages.filter(isInstalled);
  const plans: LayerPlan[] = [
    ...(installed.length === 0 ? [] : [{ kind: 'install' as const, packages: installed }]),
    ...(removals.length === 0 ? [] : [{ kind: 'removals' as const, paths: [...removals].sort() }]),
  ];
  const stacks = ecosystems
    .map((ecosystem) => packages.filter((each) => each.ecosystem === ecosystem && !isInstalled(each)))
    .filter((stack) => stack.length > 0)
    .map((stack) => installOrder(stack));
  const finishing = packages.some(({ ecosystem }) => ecosystem === 'conda') ? condaFinishingLayers : 0;
  const taken = plans.length + finishing + (packages.some(takesFromConda) ? 1 : 0);
  const budget = packageLayerBudget({ baseLayers, taken, least: stacks.length, maxLayers });
  const groups = shareBudget(stacks, budget).flatMap(({ ordered, layers }) => groupPackages(ordered, layers));
  return [...plans, ...groups.map((group) => ({ kind: 'packages' as const, packages: group }))];
}

function isInstalled({ ecosystem }: LockedPackage): boolean {
  return ecosystem === 'apt';
}

/** Then a layer of pip's own removes what a conda package of the lock has laid down. */
function takesFromConda(locked: LockedPackage): boolean {
  return locked.ecosystem === 'pip' && locked.replaces?.broughtBy === 'conda';
}

/** What conda's packages make together, on top of their own layers: what link scripts change, and the environment's history. */
const condaFinishingLayers = 2;

interface Budget extends Required<Pick<PlanRequest, 'baseLayers' | 'maxLayers'>> {
  /** Layers that are ours and hold no package. */
  readonly taken: number;
  /** Stacks of packages: each needs one. */
  readonly least: number;
}

function packageLayerBudget({ baseLayers, taken, least, maxLayers }: Budget): number {
  // A base that is over the soft limit already still gets the least, up to the hard limit.
  const budget = Math.max(maxLayers - baseLayers - taken, least);
  if (baseLayers + taken + budget <= Math.max(maxLayers, hardMaxLayers)) return budget;
  throw new BuilderError(
    'too-many-layers',
    say`The base image has ${baseLayers} layers, which leaves no room for more`,
    {
      hint: say`Container runtimes take about ${hardMaxLayers} layers. Choose a base with fewer, or squash this one.`,
    },
  );
}

/** Shares the layers out by the number of packages, at least one a stack. */
function shareBudget(stacks: readonly (readonly LockedPackage[])[], budget: number) {
  const count = stacks.reduce((sum, { length }) => sum + length, 0);
  if (count <= budget) return stacks.map((ordered) => ({ ordered, layers: ordered.length }));
  const spare = budget - stacks.length;
  return stacks.map((ordered) => ({ ordered, layers: 1 + Math.floor((spare * ordered.length) / count) }));
}

function groupPackages(ordered: readonly LockedPackage[], budget: number): (readonly LockedPackage[])[] {
  if (ordered.length <= budget) return ordered.map((alone) => [alone]);
  const groupCount = Math.min(16, Math.ceil(budget / 4));
  const bySize = [...ordered].sort((a, b) => b.sizeBytes - a.sizeBytes || (a.name < b.name ? -1 : 1));
  const big = new Set(bySize.slice(0, budget - groupCount));
  const groups = Map.groupBy(
    ordered.filter((each) => !big.has(each)),
    (each) => nameHash(each.name) % groupCount,
  );
  const grouped = [...groups].sort(([a], [b]) => a - b).map(([, members]) => members);
  return [...grouped, ...ordered.filter((each) => big.has(each)).map((alone) => [alone])];
}

/** FNV-1a, 32 bits: any stable hash does, and it must never change. */
function nameHash(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(name)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
