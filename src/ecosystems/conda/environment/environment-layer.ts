import type { OpenedLayerSource } from '../../../layers/layer-source.ts';

/** What the worker thread is told of a file that is known already. */
export interface TextInput {
  /** `/opt/conda/conda-meta/history` */
  readonly path: string;
  readonly text: string;
}

/** Opens the one file for a layer. */
export async function openLayerSource({ path, text }: TextInput): Promise<OpenedLayerSource> {
  return {
    paths: [{ path, isDirectory: false }],
    async *entries() {
      yield { path, mode: 0o644, content: { type: 'bytes', bytes: Buffer.from(text) } };
    },
    async [Symbol.asyncDispose]() {},
  };
}
