import type { z } from 'zod';
import type { ApiClient } from '../api/create-client.ts';
import { createImage, editImage, getImage, type imagePatchSchema } from '../api/images.ts';
import { type BuilderError, isBuilderError } from '../errors.ts';
import type { Image } from './image-text.ts';
import type { PrimeHubImage } from './primehub-resources.ts';

export interface ImportOptions {
  /** Edits the images that exist already; else they are left as they are. */
  readonly update: boolean;
  /** Changes nothing and says what would be changed. */
  readonly dryRun: boolean;
}

/** What became of one image, or would. */
export type ImportOutcome =
  | { readonly outcome: 'created' | 'updated' | 'unchanged' | 'skipped' }
  | { readonly outcome: 'failed'; readonly error: BuilderError };

/**
 * Makes one image on a server. What the server refuses is an outcome; throws what would be the same for all: `unauthorized`,
 * `server-unavailable`.
 */
export async function importImage(
  client: ApiClient,
  { name, body }: PrimeHubImage,
  { update, dryRun }: ImportOptions,
): Promise<ImportOutcome> {
  try {
    const current = await findImage(client, name);
    if (current === undefined) {
      if (!dryRun) await client.call(createImage, { body });
      return { outcome: 'created' };
    }
    if (!update) return { outcome: 'skipped' };
    const patch = patchFor(current, body);
    if (Object.keys(patch).length === 0) return { outcome: 'unchanged' };
    const { version } = current;
    if (!dryRun) await client.call(editImage, { params: { name }, body: { version, ...patch } });
    return { outcome: 'updated' };
  } catch (error) {
    if (!isBuilderError(error) || isBuilderError(error, 'unauthorized', 'server-unavailable', 'cancelled')) throw error;
    return { outcome: 'failed', error };
  }
}

/** `undefined` when there is none. */
async function findImage(client: ApiClient, name: string): Promise<Image | undefined> {
  try {
    return await client.call(getImage, { params: { name } });
  } catch (error) {
    if (isBuilderError(error, 'not-found')) return undefined;
    throw error;
  }
}

type Patch = Omit<z.input<typeof imagePatchSchema>, 'version'>;

/** What differs. Whether an image is built is not among it: the server refuses to change that. */
function patchFor(current: Image, { name: _name, kind: _kind, ...wanted }: PrimeHubImage['body']): Patch {
  const ofCustom = { url: null, gpuUrl: null };
  const now: Record<string, unknown> = current.kind === 'custom' ? { ...current, ...ofCustom } : { ...current };
  return Object.fromEntries(
    Object.entries(wanted).filter(([field, value]) => JSON.stringify(value) !== JSON.stringify(now[field])),
  );
}
