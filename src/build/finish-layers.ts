import type { PackageContent } from '../ecosystems/clobbers.ts';
import type {
  EcosystemSupport,
  FinishedLayers,
  Finisher,
  FinishRequest,
  PackageEvent,
} from '../ecosystems/ecosystem.ts';
import type { NamedLayer } from '../image/compose-image.ts';
import type { Layer } from '../layers/layer.ts';
import type { Lock } from '../lock/lock.ts';
import type { LayerPlan } from '../plan/plan-layers.ts';
import type { Rootfs } from '../rootfs/rootfs.ts';
import type { LayDownContext } from './lay-down-layers.ts';

/** What an ecosystem has to do when the layers of its packages are made. */
export interface NamedFinisher extends Finisher {
  readonly ecosystem: string;
}

/** A layer, and the plan by which it was made where there is one. */
export interface MadeLayer extends NamedLayer {
  readonly plan?: LayerPlan;
}

export interface FinishContext extends LayDownContext {
  /** What the package layers stand on. */
  readonly rootfs: Rootfs;
  /** Sees to it that the registry has a layer. */
  readonly send: (layer: Layer, index: number) => Promise<void>;
  readonly tell: (event: PackageEvent, index: number) => void;
}

/** Those of the ecosystems that finish what is planned for the lock, in their order. */
export function finishersOf(
  plans: readonly LayerPlan[],
  lock: Lock,
  ecosystems: readonly EcosystemSupport[],
): readonly NamedFinisher[] {
  return ecosystems.flatMap((support): NamedFinisher[] => {
    if (!('layerSource' in support)) return [];
    const { ecosystem } = support.resolver;
    return plans.some((plan) => isOf(plan, ecosystem)) ? [{ ecosystem, ...support.finisher(lock) }] : [];
  });
}

/** True for the layers of an ecosystem that lays its packages down. The planner mixes no two in one layer. */
function isOf(plan: LayerPlan | undefined, ecosystem: string): plan is Extract<LayerPlan, { kind: 'packages' }> {
  return plan?.kind === 'packages' && plan.packages[0]!.ecosystem === ecosystem;
}

/** Lets each ecosystem put its layers in order and add to them; `index` is what its events are told by. Gives all layers, lowest first. */
export async function finishLayers(
  made: readonly MadeLayer[],
  finishers: readonly (NamedFinisher & { readonly index: number })[],
  context: FinishContext,
): Promise<NamedLayer[]> {
  let layers = made;
  const below: (() => readonly PackageContent[])[] = [];
  for (const finisher of finishers) {
    const broughtBelow = () => below.flatMap((brought) => brought());
    const finished = await finish(layers, finisher, { ...context, broughtBelow });
    layers = finished.layers;
    below.push(finished.brought);
  }
  return layers.map(({ layer, title }) => ({ layer, title }));
}

async function finish(
  layers: readonly MadeLayer[],
  { ecosystem, finish, index }: NamedFinisher & { readonly index: number },
  context: FinishContext & Pick<FinishRequest, 'broughtBelow'>,
): Promise<Pick<FinishedLayers, 'brought'> & { readonly layers: readonly MadeLayer[] }> {
  const isOwn = ({ plan }: MadeLayer) => isOf(plan, ecosystem);
  const first = layers.findIndex(isOwn);
  const made = layers.flatMap(({ layer, title, plan }) =>
    isOf(plan, ecosystem) ? [{ layer, title, packages: plan.packages }] : [],
  );
  const finished = await finish({
    ...context,
    made,
    below: layers.slice(0, first).map(({ layer }) => layer),
    assembler: context.tools.assembler,
    onEvent: (event) => context.tell(event, index),
  });
  for (const message of finished.notices) context.onEvent({ type: 'notice', message });
  const sent = new Set(made.map(({ layer }) => layer.diffId));
  for (const { layer } of finished.layers) if (!sent.has(layer.diffId)) await context.send(layer, index);
  return {
    layers: [...layers.slice(0, first), ...finished.layers, ...layers.slice(first).filter((each) => !isOwn(each))],
    brought: finished.brought,
  };
}
