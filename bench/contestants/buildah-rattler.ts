import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { askOracle } from '../../test/conda-channel.ts';
import { runCommand, tryCommand } from '../../test/run-command.ts';
import type { ContestantKind } from '../contestant.ts';

/** rattler into a new container of the base each time; the base, the downloads and the repodata of earlier builds are kept. Layers are zstd. */
export const buildahRattler = (channel: string) =>
  kindOf(channel, { name: 'buildah + rattler, zstd', keepsPackages: true });

/** The same as a Dockerfile has it, `RUN micromamba install … && micromamba clean`: of the packages nothing is kept, the base is. */
export const buildahRattlerClean = (channel: string) =>
  kindOf(channel, { name: 'buildah + rattler, cleaned', keepsPackages: false });

interface Kind {
  readonly name: string;
  readonly keepsPackages: boolean;
}

const kindOf = (channel: string, { name, keepsPackages }: Kind): ContestantKind => ({
  name,
  async missing() {
    const found = await tryCommand('buildah', ['--version']).catch(() => undefined);
    return found?.exitCode === 0 ? undefined : 'buildah is not installed';
  },
  async open(directory) {
    const policy = join(directory, 'policy.json');
    await writeFile(policy, JSON.stringify({ default: [{ type: 'insecureAcceptAnything' }] }));
    const storage = [
      '--root',
      join(directory, 'root'),
      '--runroot',
      join(directory, 'run'),
      '--storage-driver',
      'overlay',
    ];
    const buildah = (...words: readonly string[]) => runCommand('buildah', [...storage, ...words]);
    const trust = ['--tls-verify=false', '--signature-policy', policy];
    return {
      pids: [],
      async build({ registry, base, target, packages }) {
        const container = (await buildah('from', '--quiet', ...trust, `${registry}/${base}:latest`))
          .split('\n')
          .at(-1)!;
        const root = await buildah('mount', container);
        const cacheDir = join(directory, 'rattler');
        if (!keepsPackages) await rm(cacheDir, { recursive: true, force: true });
        await askOracle({
          channels: [channel],
          specs: packages,
          virtual: [
            ['__glibc', '2.36'],
            ['__linux', '6.1'],
            ['__unix', '0'],
          ],
          installTo: join(root, 'opt/conda'),
          prefix: '/opt/conda',
          cacheDir,
        });
        await buildah('config', '--env', 'PATH=/opt/conda/bin:/usr/local/bin:/usr/bin:/bin', container);
        const image = await buildah('commit', '--quiet', '--rm', '--signature-policy', policy, container);
        const options = ['--quiet', ...trust, '--compression-format', 'zstd'];
        await buildah('push', ...options, image.split('\n').at(-1)!, `docker://${registry}/${target}:latest`);
      },
      async [Symbol.asyncDispose]() {
        await tryCommand('buildah', [...storage, 'rm', '--all']);
        await tryCommand('buildah', [...storage, 'umount', '--all']);
        await rm(directory, { recursive: true, force: true });
      },
    };
  },
});
