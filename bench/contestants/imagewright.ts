import { join } from 'node:path';
import { runImagewright } from '../../test/imagewright.ts';
import type { Contestant, ContestantKind } from '../contestant.ts';

/** This project, as a command: process start included, no server. Layers are zstd. */
export const imagewright: ContestantKind = {
  name: 'Imagewright',
  missing: async () => undefined,
  open: async (directory) => openCommand(directory, []),
};

/** The same with the compression that everything reads, which has to be asked for. */
export const imagewrightGzip: ContestantKind = {
  name: 'Imagewright, gzip',
  missing: async () => undefined,
  open: async (directory) => openCommand(directory, ['--compression', 'gzip']),
};

function openCommand(directory: string, options: readonly string[]): Contestant {
  return {
    pids: [],
    async build({ registry, base, target, packages, apt = [], fresh }) {
      const spec = { name: 'bench', base: `${registry}/${base}:latest`, packages: { apt, pip: packages } };
      const words = ['build', '-', '--quiet', '--to', `${registry}/${target}/`, ...options];
      const { exitCode, stderr } = await runImagewright(fresh === true ? [...words, '--fresh'] : words, {
        input: JSON.stringify(spec),
        env: { XDG_CACHE_HOME: join(directory, 'cache') },
      });
      if (exitCode !== 0) throw new Error(`imagewright ended with ${exitCode}:\n${stderr}`);
    },
    async [Symbol.asyncDispose]() {},
  };
}
