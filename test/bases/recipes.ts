import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** How a real base image is made. Recipes are data: what they say is the key under which the result is kept. */
export interface BaseRecipe {
  /** What stands below: a Debian suite with packages, or another base. */
  readonly from: { readonly suite: string; readonly packages: readonly string[] } | BaseName;
  /** A CPython built from source for that prefix becomes part of the layer. */
  readonly cpython?: CPythonPrefix;
  /** Run by `sh -eu` as root in a container; what it changes is one layer more. */
  readonly script?: string;
  /** Options of `buildah config`. */
  readonly config?: readonly string[];
}

export const baseNames = [
  'debian11',
  'debian12',
  'debian13',
  'slim',
  'docker-python',
  'venv',
  'conda',
  'aged',
] as const;
export type BaseName = (typeof baseNames)[number];

/** All prefixes are built in one go: the second costs only what depends on the prefix. The first stands nowhere else in what configure writes. */
export const cpythonPrefixes = ['/opt/conda', '/usr/local'] as const;
export type CPythonPrefix = (typeof cpythonPrefixes)[number];

const read = (name: string) => readFileSync(join(import.meta.dirname, name), 'utf8');
export const cpythonScript = read('build-cpython.sh');

/** What CPython is built in, with compilers that the script adds. */
export const cpythonBuilder: BaseName = 'slim';

const debianPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const debianPython = ['ca-certificates', 'python3', 'python3-pip', 'python3-venv'];

export const recipes: Readonly<Record<BaseName, BaseRecipe>> = {
  debian11: {
    from: { suite: 'bullseye', packages: ['ca-certificates', 'python3'] },
    config: ['--env', `PATH=${debianPath}`, '--cmd', 'bash'],
  },
  debian12: {
    from: { suite: 'bookworm', packages: debianPython },
    config: ['--env', `PATH=${debianPath}`, '--cmd', 'bash'],
  },
  debian13: {
    from: { suite: 'trixie', packages: debianPython },
    config: ['--env', `PATH=${debianPath}`, '--cmd', 'bash'],
  },
  // No Python at all, but the libraries that one needs.
  slim: {
    from: {
      suite: 'trixie',
      packages: [
        'ca-certificates',
        'libssl3t64',
        'libffi8',
        'libsqlite3-0',
        'libreadline8t64',
        'libbz2-1.0',
        'liblzma5',
        'zlib1g',
        'libuuid1',
      ],
    },
    config: ['--env', `PATH=${debianPath}`, '--cmd', 'bash'],
  },
  'docker-python': {
    from: 'slim',
    cpython: '/usr/local',
    config: ['--env', `PATH=/usr/local/bin:${debianPath}`, '--env', 'LANG=C.UTF-8', '--cmd', 'python3'],
  },
  venv: {
    from: 'debian12',
    script: `
      python3 -m venv /opt/venv
      printf '#!/bin/sh\\nexec "$@"\\n' > /usr/local/bin/start
      chmod 0755 /usr/local/bin/start
      mkdir -m 0700 /home/jovyan
      chown 1000:1000 /home/jovyan`,
    config: [
      ...['--env', `PATH=/opt/venv/bin:${debianPath}`, '--env', 'VIRTUAL_ENV=/opt/venv', '--env', 'HOME=/home/jovyan'],
      ...[
        '--user',
        '1000',
        '--workingdir',
        '/home/jovyan',
        '--entrypoint',
        '["/usr/local/bin/start"]',
        '--cmd',
        'bash',
      ],
    ],
  },
  conda: {
    from: 'slim',
    cpython: '/opt/conda',
    script: `/opt/conda/bin/python3 -B - <<'SCRIPT'\n${read('write-conda-records.py')}SCRIPT`,
    config: ['--env', `PATH=/opt/conda/bin:${debianPath}`, '--env', 'CONDA_DIR=/opt/conda', '--cmd', 'bash'],
  },
  // Packages that pip once put there, now old; directories with unusual modes on the way of data files.
  aged: {
    from: 'debian12',
    script: `
      python3 -m pip install --break-system-packages --root-user-action=ignore --no-cache-dir -q \\
        requests==2.28.2 urllib3==1.26.15 certifi==2022.12.7 click==8.0.4
      mkdir -p /usr/local/etc
      chown 1000:1000 /usr/local/etc
      chmod 0700 /usr/local/etc
      chmod 1777 /usr/local/share`,
    config: ['--env', `PATH=${debianPath}`, '--cmd', 'bash'],
  },
};
