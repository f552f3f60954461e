import { Readable } from 'node:stream';
import type { ComposedImage } from '../image/compose-image.ts';
import type { Layer } from '../layers/layer.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type Reference, type Repository, sameRepository } from '../oci/reference.ts';
import { type BlobPlacement, ensureBlob } from '../registry/client/push-image.ts';
import type { ResolvedImage } from '../registry/client/resolved-image.ts';
import { runLimited } from '../threads/run-limited.ts';
import type { BuildEvent } from './build-event.ts';
import type { BuildTools } from './build-image.ts';
import type { Tally } from './tally.ts';

interface PushContext {
  readonly repository: Repository;
  readonly tools: BuildTools;
  readonly tally: Tally;
  readonly signal: AbortSignal;
  readonly onEvent?: (event: BuildEvent) => void;
}

/** Sees to it that the repository has the layer, sending it only when no repository of the registry is known to have it. */
export async function pushLayer(layer: Layer, context: PushContext): Promise<BlobPlacement> {
  const { descriptor } = layer;
  const known = context.tools.locations.repositoriesWith(context.repository.registry, descriptor.digest);
  const outcome = await pushBlob(descriptor, () => layer.open(), known, context);
  if (outcome === 'mounted') context.tally.mountedLayers += 1;
  if (outcome === 'pushed') context.tally.pushedLayers += 1;
  return outcome;
}

/**
 * Sees to it that the repository has the base's layers. Within one registry they are mounted and no byte moves; into another they are
 * streamed, without touching the disk.
 */
export async function pushBaseLayers(base: ResolvedImage, context: PushContext): Promise<void> {
  const from = base.reference.repository;
  if (sameRepository(from, context.repository)) return;
  const { client } = context.tools;
  const candidates = from.registry === context.repository.registry ? [from] : [];
  await runLimited(base.manifest.layers, { limit: 4, signal: context.signal }, async (descriptor, signal) => {
    const open = () => Readable.from(opened(client.getBlob(from, descriptor, { signal })));
    const outcome = await pushBlob(descriptor, open, candidates, { ...context, signal });
    if (outcome === 'mounted') context.tally.mountedLayers += 1;
    if (outcome === 'pushed') context.tally.pushedLayers += 1;
  });
}

/** Pushes configuration, then manifest under its tag: the moment the image becomes visible. */
export async function pushComposedImage(
  image: ComposedImage,
  { reference, ...context }: Omit<PushContext, 'repository'> & { readonly reference: Reference },
): Promise<void> {
  const { repository, tag } = reference;
  const { manifest, configBytes, manifestBytes } = image;
  await pushBlob(manifest.config, () => Readable.from([configBytes]), [], { ...context, repository });
  context.signal.throwIfAborted();
  const served = { bytes: manifestBytes, mediaType: manifest.mediaType };
  await context.tools.client.putManifest(repository, tag!, served, { signal: context.signal });
  context.tally.bytesPushed += manifestBytes.length;
}

async function pushBlob(
  descriptor: Descriptor,
  open: () => Readable,
  mountFrom: readonly Repository[],
  { repository, tools, tally, signal, onEvent }: PushContext,
): Promise<BlobPlacement> {
  const onBytes = (bytes: number) => {
    tally.bytesPushed += bytes;
    onEvent?.({ type: 'upload', bytes });
  };
  const outcome = await ensureBlob(tools.client, repository, { descriptor, open }, { mountFrom, signal, onBytes });
  tools.locations.remember(repository, descriptor.digest);
  return outcome;
}

async function* opened(stream: Promise<Readable>): AsyncGenerator<Uint8Array> {
  yield* await stream;
}
