import type { EcosystemSupport, InstalledLayer, LayerSourceRequest, PackageEvent } from '../ecosystems/ecosystem.ts';
import { BuilderError } from '../errors.ts';
import type { NamedLayer } from '../image/compose-image.ts';
import type { Layer } from '../layers/layer.ts';
import type { LayerSource } from '../layers/layer-source.ts';
import { isSdist, type Lock, type LockedPackage } from '../lock/lock.ts';
import type { Repository } from '../oci/reference.ts';
import type { LayerPlan } from '../plan/plan-layers.ts';
import type { ResolvedImage } from '../registry/client/resolved-image.ts';
import type { Rootfs } from '../rootfs/rootfs.ts';
import { say } from '../sentence.ts';
import { runLimited } from '../threads/run-limited.ts';
import type { BuildEvent, LayerState } from './build-event.ts';
import type { BuildRequest, BuildTools } from './build-image.ts';
import { finishersOf, finishLayers } from './finish-layers.ts';
import { pushLayer } from './push-image.ts';
import type { Tally } from './tally.ts';

export interface LayDownContext extends Pick<BuildRequest, 'compression' | 'noCache' | 'signal' | 'onEvent'> {
  readonly lock: Lock;
  readonly base: ResolvedImage;
  /** The base's content. */
  readonly rootfs: Rootfs;
  /** Where the layers go. */
  readonly repository: Repository;
  readonly tools: BuildTools;
  readonly tally: Tally;
}

/** Layers whose downloads and uploads are under way at once. Processors are shared out by the assembler. */
const layersAtOnce = 12;

/**
 * Makes the planned layers, or takes them from the cache, and sees to it that the registry has them. Gives them lowest first: in the plan's
 * order, but where an ecosystem has another one for its own, and with what that puts on top of them.
 */
export async function layDownLayers(plans: readonly LayerPlan[], context: LayDownContext): Promise<NamedLayer[]> {
  const jobs = plans.map((plan, index) => ({ plan, index, title: titleOf(plan), bytes: downloadBytesOf(plan) }));
  const finishers = finishersOf(plans, context.lock, context.tools.ecosystems);
  const planned = [
    ...jobs,
    ...finishers.flatMap(({ ecosystem, addsLayer }) =>
      addsLayer ? [{ title: `${ecosystem}: environment`, bytes: 0 }] : [],
    ),
  ];
  context.onEvent({ type: 'planned', layers: planned.map(({ title, bytes }) => ({ title, bytes })) });
  const named: NamedLayer[] = new Array(plans.length);
  const send = async (layer: Layer, index: number, signal = context.signal) => {
    const state: LayerState = await pushLayer(layer, { ...context, signal });
    // A layer that nobody foresaw is told of with the image.
    if (index < planned.length) context.onEvent({ type: 'layer', layer: index, state });
  };
  const sendPlanned = async (layer: Layer, { index, title }: LayerJob, signal: AbortSignal) => {
    named[index] = { layer, title };
    await send(layer, index, signal);
  };

  // The longest first: what is started last should end soon.
  const others = jobs.filter(({ plan }) => plan.kind !== 'install').sort((a, b) => b.bytes - a.bytes);
  await using early = makeEarly(others, plans, context);
  let { rootfs } = context;
  const sending: Promise<void>[] = [];
  for (const job of jobs) {
    if (job.plan.kind !== 'install') continue;
    const { layer, index } = await install(job.plan.packages, { ...context, rootfs }, job.index);
    const sent = sendPlanned(layer, job, context.signal);
    // Told below, when the other layers are made.
    sent.catch(() => {});
    sending.push(sent);
    rootfs = rootfs.with(await index());
  }

  early.stop();
  const above = withoutRemovals(rootfs, plans);
  await runLimited(others, { limit: layersAtOnce, signal: context.signal }, async (job, signal) => {
    const { plan, index } = job;
    const below = plan.kind === 'removals' ? rootfs : above;
    const onEvent = (event: BuildEvent) => {
      const isOurs = event.type === 'layer' && event.state === 'cached' && early.made.has(job);
      if (!isOurs) context.onEvent(event);
    };
    const layer = await makeLayer(plan, { ...context, signal, below, onEvent }, index);
    await sendPlanned(layer, job, signal);
  });
  const layers = await finishLayers(
    jobs.map(({ plan }, index) => ({ ...named[index]!, plan })),
    finishers.map((finisher, at) => ({ ...finisher, index: plans.length + at })),
    { ...context, rootfs: above, send, tell: (event, index) => tellLayer(event, index, context) },
  );
  await Promise.all(sending);
  context.tally.addedLayers = layers.length;
  return layers;
}

interface LayerJob {
  readonly plan: LayerPlan;
  readonly index: number;
  readonly title: string;
  readonly bytes: number;
}

/** Layers that are made before it is known what they come to lie on. */
interface EarlyLayers extends AsyncDisposable {
  readonly made: ReadonlySet<LayerJob>;
  /** Begins no more of them. */
  stop(): void;
}

/**
 * Where packages are installed, which takes a while, wheels are laid down meanwhile as if there were the base alone. If the directories on
 * their way are then as they were, as a rule, the layers are found in the cache; if not, they are made again. What goes wrong is told then.
 */
function makeEarly(jobs: readonly LayerJob[], plans: readonly LayerPlan[], context: LayDownContext): EarlyLayers {
  const made = new Set<LayerJob>();
  const { rootfs, lock, noCache } = context;
  const ended = new AbortController();
  const signal = AbortSignal.any([context.signal, ended.signal]);
  let isStopped = noCache || lock.python?.compileBytecode === true || !plans.some(({ kind }) => kind === 'install');
  const needsNoRoom = ({ plan }: LayerJob) => plan.kind === 'packages' && !plan.packages.some(isSdist);
  const below = withoutRemovals(rootfs, plans);
  const making = runLimited(jobs.filter(needsNoRoom), { limit: layersAtOnce, signal }, async (job, signal) => {
    if (isStopped) return;
    await makeLayer(job.plan, { ...context, signal, below }, job.index);
    made.add(job);
  });
  making.catch(() => {});
  return {
    made,
    stop() {
      isStopped = true;
    },
    async [Symbol.asyncDispose]() {
      ended.abort();
      await making.catch(() => {});
    },
  };
}

function install(packages: readonly LockedPackage[], context: LayDownContext, index: number): Promise<InstalledLayer> {
  const support = supportOf(packages[0]!, context);
  if (!('install' in support)) throw new Error(`${packages[0]!.ecosystem} packages are laid down, not installed`);
  return support.install({
    ...context,
    packages,
    onEvent: (event) => tellLayer(event, index, context),
  });
}

interface MakeContext extends LayDownContext {
  /** What the layer comes to lie on. */
  readonly below: Rootfs;
}

async function makeLayer(plan: LayerPlan, context: MakeContext, index: number): Promise<Layer> {
  const { tools, below: rootfs, compression, noCache, signal } = context;
  if (plan.kind === 'removals') return tools.assembler.assembleRemovals({ paths: plan.paths, rootfs, compression });
  const onEvent = (event: PackageEvent) => tellLayer(event, index, context);
  const sources: LayerSource[] = [];
  for (const locked of plan.packages) sources.push(await sourceOf(locked, { ...context, onEvent }));
  return tools.assembler.assemble({ sources, rootfs, compression, noCache, signal, onEvent });
}

function tellLayer(event: PackageEvent, layer: number, { onEvent }: LayDownContext): void {
  if (event.type === 'output') {
    onEvent({ type: 'output', layer, line: event.line });
    return;
  }
  if (event.type === 'download') {
    onEvent({ type: 'download', layer, bytes: event.bytes });
    return;
  }
  if (event.type === 'assembled') onEvent({ type: 'layer-size', layer, bytes: event.sizeBytes });
  onEvent({ type: 'layer', layer, state: event.type });
}

function sourceOf(locked: LockedPackage, request: LayerSourceRequest & { tools: BuildTools }): Promise<LayerSource> {
  const support = supportOf(locked, request);
  if (!('layerSource' in support)) throw new Error(`${locked.ecosystem} packages are installed, not laid down`);
  return support.layerSource(locked, request);
}

function supportOf({ ecosystem }: LockedPackage, { tools }: Pick<LayDownContext, 'tools'>): EcosystemSupport {
  const support = tools.ecosystems.find((each) => each.resolver.ecosystem === ecosystem);
  if (support === undefined) {
    throw new BuilderError('lock-invalid', say`The lock holds ${ecosystem} packages, which cannot be built here`);
  }
  return support;
}

/** What the package layers stand on: the base without what the removals layer takes away. */
function withoutRemovals(rootfs: Rootfs, plans: readonly LayerPlan[]): Rootfs {
  const whiteouts = plans.flatMap((plan) => (plan.kind === 'removals' ? plan.paths : []));
  if (whiteouts.length === 0) return rootfs;
  return rootfs.with({ entries: new Map(), whiteouts, opaques: [], contents: new Map() });
}

function titleOf(plan: LayerPlan): string {
  if (plan.kind === 'removals') return 'remove what is replaced';
  const names = plan.packages.map(({ name, version }) => `${name} ${version}`);
  const shown = names.length > 4 ? [...names.slice(0, 3), `${names.length - 3} more`] : names;
  return `${plan.packages[0]!.ecosystem}: ${shown.join(', ')}`;
}

function downloadBytesOf(plan: LayerPlan): number {
  return plan.kind === 'removals' ? 0 : plan.packages.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
