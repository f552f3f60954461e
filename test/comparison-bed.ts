import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Lock } from '../src/lock/lock.ts';
import { makeBase } from './bases/make-base.ts';
import { pushLayout } from './bases/push-layout.ts';
import type { BaseName } from './bases/recipes.ts';
import { type Buildah, openBuildah } from './buildah.ts';
import { startDockerRegistry } from './docker-registry.ts';
import { runImagewright } from './imagewright.ts';
import type { Tree } from './tree-comparison.ts';

/** What is wanted to build images with the command and to look at them in containers, beside what the ecosystem's own tool leaves there. */
export interface ComparisonBed extends AsyncDisposable {
  readonly buildah: Buildah;
  /** Where bases are, `127.0.0.1:40001`. */
  readonly registry: string;
  readonly directory: string;
  /** Gives the reference of a base in the registry. */
  pushBase(name: BaseName): Promise<string>;
  build(base: string, packages: BuildPackages, options?: BuildOptions): Promise<Built>;
}

export interface BuildPackages {
  readonly apt?: readonly string[];
  readonly conda?: readonly string[];
  readonly pip?: readonly string[];
}

export interface BuildOptions {
  /** Name of the state directory: another one is another machine. */
  readonly data?: string;
  /** Further words of the command. */
  readonly words?: readonly string[];
  /** Build from this lock. */
  readonly fromLock?: Lock;
  /** Variables of the command: where packages are to be had. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface Built {
  /** By digest: `127.0.0.1:40001/data/compared@sha256:…`. */
  readonly image: string;
  readonly lock: Lock;
  /** The events, one JSON object a line. */
  readonly output: string;
}

export async function openComparisonBed(): Promise<ComparisonBed> {
  await using opened = new AsyncDisposableStack();
  const registry = opened.use(await startDockerRegistry());
  const buildah = opened.use(await openBuildah());
  const directory = await mkdtemp(join(tmpdir(), 'imagewright-comparison-'));
  opened.defer(() => rm(directory, { recursive: true, force: true }));
  const kept = opened.move();
  return {
    buildah,
    registry: registry.host,
    directory,
    pushBase: async (name) => pushLayout(await makeBase(name), `${registry.host}/base/${name}:latest`),
    async build(base, packages, { data = 'data', words = [], fromLock, env } = {}) {
      const spec = join(directory, 'spec.yaml');
      const lockFile = join(directory, 'lock.json');
      await writeFile(spec, JSON.stringify({ name: 'compared', base, packages }));
      if (fromLock !== undefined) await writeFile(`${lockFile}.given`, JSON.stringify(fromLock));
      const given = fromLock === undefined ? [] : ['--from-lock', `${lockFile}.given`];
      const options = ['--to', `${registry.host}/${data}/`, '--data', join(directory, data), '--lock-out', lockFile];
      const { exitCode, stdout, stderr } = await runImagewright(
        ['build', spec, ...options, ...given, '--json', ...words],
        { env: { REGISTRY_AUTH_FILE: '', ...env } },
      );
      expect(exitCode, stderr).toBe(0);
      const result = JSON.parse(stdout.trim().split('\n').at(-1)!) as { image: string };
      const lock = JSON.parse(await readFile(lockFile, 'utf8')) as Lock;
      return { image: result.image.replace(/:[^:/@]+@/, '@'), lock, output: stdout };
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** What a run leaves and a package does not. A list of the test's own: what the product drops too much would not be missed by its own one. */
const traces: readonly RegExp[] = [
  /^\/(?:dev|proc|sys|run|tmp|var\/tmp|var\/run|root\/\.cache)(?:\/|$)/,
  /^\/var\/(?:log|lib\/apt\/lists|cache\/(?:apt|fontconfig|man))(?:\/|$)/,
  /^\/etc\/(?:hosts|resolv\.conf|hostname|mtab|machine-id|\.pwd\.lock|ssh\/ssh_host_[^/]+)$/,
  /^\/etc\/(?:passwd|group|shadow|gshadow|subuid|subgid)-$/,
  /^\/var\/lib\/(?:dbus\/machine-id|systemd\/random-seed|dpkg\/(?:[^/]*-old|lock|lock-frontend|triggers\/Lock))$/,
  /^\/var\/cache\/(?:debconf\/[^/]*-old|ldconfig\/aux-cache)$/,
  /^\/usr\/sbin\/policy-rc\.d$/,
];

/** A tree without what runs leave: lists, logs, caches, locks, and what each machine makes for itself. */
export function withoutTraces(tree: Tree): Tree {
  return new Map([...tree].filter(([path]) => !traces.some((pattern) => pattern.test(path))));
}
