import { say } from '../../sentence.ts';
import { BuilderError } from '../../errors.ts';
import type { LayerEntry, OpenedLayerSource } from '../layer-source.ts';

/** What a source of the tests gives; `behaviour` says what goes wrong while it is read. */
export interface ListedInput {
  readonly files: Readonly<Record<string, 
    | { readonly text: string; readonly mode?: number; readonly mtimeSeconds?: number }
    | { readonly link: string }
    | { readonly hardLink: string }
  >>;
  readonly directories?: readonly string[];
  readonly behaviour?: 'refuse' | 'bug' | 'exit' | 'never' | 'undeclared' | 'short';
}

export async function openLayerSource({ files, directories = [], behaviour }: ListedInput): Promise<OpenedLayerSource> {
  return {
    paths: [
      ...Object.keys(files).map((path) => ({ path, isDirectory: false })),
      ...directories.map((path) => ({ path, isDirectory: true })),
    ],
    async *entries(): AsyncGenerator<LayerEntry> {
      for (const [path, file] of Object.entries(files)) {
        if ('link' in file) yield { path, mode: 0o777, content: { type: 'symlink', target: file.link } };
        else if ('hardLink' in file) yield { path, mode: 0o755, content: { type: 'hardlink', target: file.hardLink } };
        else yield { path, mode: file.mode ?? 0o644, ...(file.mtimeSeconds !== undefined && { mtimeSeconds: file.mtimeSeconds }), content: { type: 'bytes', bytes: Buffer.from(file.text) } };
      }
      switch (behaviour) {
        case 'refuse':
          throw new BuilderError('package-corrupt', say`it lies`, { hint: say`Take another.` });
        case 'bug':
          throw new TypeError('undefined is not what we thought');
        case 'exit':
          process.exit(7);
          break;
        case 'never':
          await new Promise(() => {});
          break;
        case 'undeclared':
          yield { path: '/surprise', mode: 0o644, content: { type: 'bytes', bytes: Buffer.from('!') } };
          break;
        case 'short':
          yield {
            path: '/surprise',
            mode: 0o644,
            content: { type: 'stream', sizeBytes: 10, async *open() {} },
          };
      }
    },
    [Symbol.asyncDispose]: async () => {},
  };
}
