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

/** The command with conda lines. */
export const imagewrightConda = (channel: string): ContestantKind => ({
  name: 'Imagewright',
  missing: async () => undefined,
  open: async (directory) => openCommand(directory, [], { ecosystem: 'conda', env: { CONDA_CHANNELS: channel } }),
});

interface CommandLines {
  readonly ecosystem: 'pip' | 'conda';
  readonly env: Readonly<Record<string, string>>;
}

function openCommand(
  directory: string,
  options: readonly string[],
  { ecosystem, env }: CommandLines = { ecosystem: 'pip', env: {} },
): Contestant {
  return {
    pids: [],
    async build({ registry, base, target, packages, apt = [], fresh }) {
      const lines = { apt, [ecosystem]: packages };
      const spec = { name: 'bench', base: `${registry}/${base}:latest`, packages: lines };
      const words = ['build', '-', '--quiet', '--to', `${registry}/${target}/`, ...options];
      const { exitCode, stderr } = await runImagewright(fresh === true ? [...words, '--fresh'] : words, {
        input: JSON.stringify(spec),
        env: { XDG_CACHE_HOME: join(directory, 'cache'), ...env },
      });
      if (exitCode !== 0) throw new Error(`imagewright ended with ${exitCode}:\n${stderr}`);
    },
    async [Symbol.asyncDispose]() {},
  };
}
