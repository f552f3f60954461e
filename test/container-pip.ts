import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Container, ContainerRunOptions } from './buildah.ts';
import { hostNetwork } from './host-network.ts';
import { kept, testCache } from './kept.ts';
import { runCommand } from './run-command.ts';

/** Runs pip in a container as root, with the wheels that earlier runs fetched at hand. */
export interface ContainerPip {
  /** Installs as a user of a current pip would; constraints are `name==version`. */
  install(
    container: Container,
    requirements: readonly string[],
    constraints: readonly string[],
    options?: { readonly compile?: boolean },
  ): Promise<void>;
  /** Runs a command of the pip that the container brings itself; gives its standard output. */
  own(container: Container, ...words: readonly string[]): Promise<string>;
}

/** What every command in a container is run with: as root, no `.pyc` written, the index within reach. */
export function asRoot(): ContainerRunOptions {
  const { mounts, variables } = hostNetwork();
  return {
    user: '0',
    mounts: { ...mounts, '/tmp/pip-cache': join(testCache, 'pip'), '/tmp/current-pip': join(testCache, currentPip) },
    variables: {
      ...variables,
      PYTHONDONTWRITEBYTECODE: '1',
      PIP_CACHE_DIR: '/tmp/pip-cache',
      PIP_ROOT_USER_ACTION: 'ignore',
      PIP_NO_INPUT: '1',
      // Where cargo keeps what it fetched.
      CARGO_HOME: '/tmp/cargo',
    },
  };
}

/** Fetches the current pip where it is not there yet. */
export async function openContainerPip(): Promise<ContainerPip> {
  await mkdir(join(testCache, 'pip'), { recursive: true });
  await fetchCurrentPip();
  const pip = async (container: Container, program: readonly string[], words: readonly string[]) => {
    const marker = await container.tryRun(['sh', '-c', 'ls /usr/lib/python3*/EXTERNALLY-MANAGED'], asRoot());
    const options = marker.exitCode === 0 ? { PIP_BREAK_SYSTEM_PACKAGES: '1' } : {};
    const run = asRoot();
    return container.run(['python3', ...program, ...words], { ...run, variables: { ...run.variables, ...options } });
  };
  return {
    async install(container, requirements, constraints, { compile = false } = {}) {
      const pins = constraints.map((pin) => `${pin}\n`).join('');
      await container.shell(`printf '%s' "$PINS" > /tmp/constraints.txt`, {
        ...asRoot(),
        variables: { ...asRoot().variables, PINS: pins },
      });
      const words = [
        'install',
        '--quiet',
        compile ? '--compile' : '--no-compile',
        '-c',
        '/tmp/constraints.txt',
        ...requirements,
      ];
      await pip(container, ['/tmp/current-pip/pip'], words);
    },
    own: (container, ...words) => pip(container, ['-m', 'pip'], words),
  };
}

const requirements = join(import.meta.dirname, 'current-pip.txt');
const tools = resolve(import.meta.dirname, '../.tools/uv/bin');
const currentPip = `current-pip-${createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 16)}`;

function fetchCurrentPip(): Promise<string> {
  return kept(currentPip, async (directory) => {
    const options = ['--quiet', '--no-deps', '--require-hashes', '--python', join(tools, 'python')];
    await runCommand(join(tools, 'uv'), ['pip', 'install', ...options, '--target', directory, '-r', requirements]);
    // Without its metadata it is a program, and no distribution that the container seems to have.
    await runCommand('sh', ['-c', 'rm -r "$1"/pip-*.dist-info', 'sh', directory]);
  });
}
