import type { OpenedLayerSource } from '../../../layers/layer-source.ts';

/** What the worker thread is told: texts by path, `/opt/conda/conda-meta/history`. */
export interface TextsInput {
  readonly texts: Readonly<Record<string, string>>;
}

/** Opens the texts for a layer. */
export async function openLayerSource({ texts }: TextsInput): Promise<OpenedLayerSource> {
  return {
    paths: Object.keys(texts).map((path) => ({ path, isDirectory: false })),
    async *entries() {
      for (const [path, text] of Object.entries(texts)) {
        yield { path, mode: 0o644, content: { type: 'bytes', bytes: Buffer.from(text) } };
      }
    },
    async [Symbol.asyncDispose]() {},
  };
}
