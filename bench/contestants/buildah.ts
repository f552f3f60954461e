import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hostNetwork } from '../../test/host-network.ts';
import { runCommand, tryCommand } from '../../test/run-command.ts';
import { aptInstall } from '../apt-install.ts';
import type { ContestantKind } from '../contestant.ts';

const dropLists = 'rm -rf /var/lib/apt/lists/* /var/cache/apt/*';

/** As PrimeHub's pod does it: storage that is empty for every build, a Dockerfile with `pip install`, push. */
export const buildah: ContestantKind = {
  name: 'buildah bud + pip',
  async missing() {
    const found = await tryCommand('buildah', ['--version']).catch(() => undefined);
    return found?.exitCode === 0 ? undefined : 'buildah is not installed';
  },
  async open(directory) {
    const context = join(directory, 'context');
    await mkdir(context);
    const policy = join(directory, 'policy.json');
    await writeFile(policy, JSON.stringify({ default: [{ type: 'insecureAcceptAnything' }] }));
    let count = 0;
    return {
      pids: [],
      async build({ registry, base, target, packages, apt = [] }) {
        const { mounts, variables } = hostNetwork();
        const settings = Object.entries(variables).map(([name, value]) => `${name}='${value}'`);
        const pip = `pip install --no-cache-dir --break-system-packages ${packages.join(' ')}`;
        const lines = [
          `FROM ${registry}/${base}:latest`,
          'USER root',
          ...(apt.length === 0 ? [] : [`RUN export ${settings.join(' ')}; ${aptInstall(apt)} && ${dropLists}`]),
          `RUN ${settings.join(' ')} ${pip}`,
        ];
        await writeFile(join(context, 'Dockerfile'), `${lines.join('\n')}\n`);
        const storage = join(directory, `storage-${count++}`);
        const global = [
          '--root',
          `${storage}/root`,
          '--runroot',
          `${storage}/run`,
          '--storage-driver',
          'overlay',
          '--signature-policy',
          policy,
        ];
        const image = `${registry}/${target}:${count}`;
        const volumes = Object.entries(mounts).flatMap(([inside, outside]) => ['--volume', `${outside}:${inside}:ro`]);
        const options = ['--isolation', 'chroot', '--tls-verify=false', '--layers=false', ...volumes];
        await runCommand('buildah', [...global, 'bud', ...options, '--tag', image, context]);
        await runCommand('buildah', [...global, 'push', '--tls-verify=false', image]);
      },
      [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
    };
  },
};
