import { join } from 'node:path';
import { runImagewright } from '../../test/imagewright.ts';
import type { ContestantKind } from '../contestant.ts';

/** This project, as a command: process start included, no server. */
export const imagewright: ContestantKind = {
  name: 'Imagewright',
  missing: async () => undefined,
  async open(directory) {
    return {
      pids: [],
      async build({ registry, base, target, packages, fresh }) {
        const spec = { name: 'bench', base: `${registry}/${base}:latest`, packages: { pip: packages } };
        const words = [
          'build',
          '-',
          '--quiet',
          '--to',
          `${registry}/${target}/`,
          ...(fresh === true ? ['--fresh'] : []),
        ];
        const { exitCode, stderr } = await runImagewright(words, {
          input: JSON.stringify(spec),
          env: { XDG_CACHE_HOME: join(directory, 'cache') },
        });
        if (exitCode !== 0) throw new Error(`imagewright ended with ${exitCode}:\n${stderr}`);
      },
      async [Symbol.asyncDispose]() {},
    };
  },
};
