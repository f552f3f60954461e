import { Readable } from 'node:stream';
import { BuilderError } from '../../errors.ts';
import { formatReference, type Reference } from '../../oci/reference.ts';
import type { CallOptions, RegistryClient } from '../../registry/client/registry-client.ts';
import { say } from '../../sentence.ts';
import type { ImageContent } from './image-content.ts';

/** An image of another registry. Throws `base-not-found`. */
export async function openRegistryContent(
  client: RegistryClient,
  reference: Reference,
  call: CallOptions = {},
): Promise<ImageContent> {
  const { repository } = reference;
  const find = async (tagOrDigest: string) => {
    const served = await client.getManifest(repository, tagOrDigest, call);
    if (served) return served;
    throw new BuilderError(
      'base-not-found',
      say`There is no image ${formatReference(reference)} (${tagOrDigest} is missing)`,
      {
        hint: say`Check the name and the tag.`,
      },
    );
  };
  const { bytes, mediaType, digest } = await find(reference.digest ?? reference.tag!);
  return {
    root: { mediaType, digest, size: bytes.length },
    repository,
    readManifest: async (descriptor) => (descriptor.digest === digest ? bytes : (await find(descriptor.digest)).bytes),
    openBlob: (descriptor) =>
      Readable.from(
        (async function* () {
          yield* await client.getBlob(repository, descriptor, call);
        })(),
        { objectMode: false },
      ),
    async [Symbol.asyncDispose]() {},
  };
}
