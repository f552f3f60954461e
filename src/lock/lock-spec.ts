import type { Problem } from '../errors.ts';
import { formatPlatform } from '../oci/platform.ts';
import { formatReference } from '../oci/reference.ts';
import type { ResolvedImage } from '../registry/client/resolved-image.ts';
import type { Rootfs } from '../rootfs/rootfs.ts';
import { type Sentence, say } from '../sentence.ts';
import { type Ecosystem, ecosystems, type ImageSpec } from '../spec/image-spec.ts';
import { shortened } from '../spec/shortened.ts';
import type { Lock, LockedPackage } from './lock.ts';
import { prefixVariables, withVariables } from './prefix-variables.ts';
import type { Resolution, Resolver } from './resolver.ts';

export interface LockRequest {
  readonly spec: ImageSpec;
  readonly base: ResolvedImage;
  readonly rootfs: Rootfs;
  readonly resolvers: readonly Resolver[];
  /** Ask the indexes again, whatever is cached. */
  readonly fresh: boolean;
  readonly signal: AbortSignal;
  /** See `ResolveRequest`. */
  readonly onWork?: (message: Sentence) => void;
}

export type LockAnswer =
  | {
      readonly lock: Lock;
      /** What the user should know though it stops nothing, a sentence each. */
      readonly notices: readonly Sentence[];
      readonly satisfied: Resolution['satisfied'];
    }
  | { readonly problems: readonly Problem[] };

/**
 * Says exactly what a spec means for a base: a lock, or every problem of every ecosystem at once, each at its line. Throws
 * `BuilderError` when neither can be said.
 */
export async function lockSpec(request: LockRequest): Promise<LockAnswer> {
  const { spec, base, rootfs, resolvers, fresh, signal, onWork } = request;
  const problems: Problem[] = [];
  const resolutions: Resolution[] = [];
  let shown = { rootfs, base };
  for (const [at, ecosystem] of ecosystems.entries()) {
    const lines = spec.packages[ecosystem];
    const resolver = resolvers.find((candidate) => candidate.ecosystem === ecosystem);
    if (lines.length === 0) continue;
    if (resolver === undefined) {
      problems.push(...unsupported(spec, ecosystem));
      continue;
    }
    onWork?.(say`Solving the ${ecosystem} lines`);
    const isKnown = problems.length === 0;
    const answer = await resolver.resolve({
      lines,
      ...shown,
      cuda: spec.cuda,
      ...(isKnown && { below: { base, rootfs, ...joined(resolutions) } }),
      ...(spec.compileBytecode === true && { compileBytecode: true }),
      fresh,
      signal,
      ...(onWork && { onWork }),
    });
    if ('problems' in answer) {
      problems.push(...answer.problems);
      continue;
    }
    resolutions.push(answer.resolution);
    if (ecosystems.slice(at + 1).some((later) => spec.packages[later].length > 0)) {
      if (answer.resolution.packages.length > 0)
        onWork?.(say`Laying down the ${ecosystem} packages for the lines that stand on them`);
      shown = await withPackages(shown, answer.resolution);
    }
  }
  if (problems.length > 0) return { problems };
  return {
    lock: makeLock(base, resolutions),
    notices: resolutions.flatMap(({ notices }) => notices),
    satisfied: resolutions.flatMap(({ satisfied }) => satisfied),
  };
}

interface Shown {
  readonly rootfs: Rootfs;
  readonly base: ResolvedImage;
}

/** What whoever is asked next finds: the files of the packages, and the variables that the image will have. */
async function withPackages({ rootfs, base }: Shown, { conda, leaves }: Resolution): Promise<Shown> {
  const indexes = (await leaves?.()) ?? [];
  const variables = conda === undefined ? [] : prefixVariables(conda, base.config);
  return {
    rootfs: indexes.reduce((below, index) => below.with(index), rootfs),
    base: { ...base, config: withVariables(base.config, variables) },
  };
}

/** Problems of grammar alone, without a base and without a network: what a form can show while one types. */
export function checkSpec(spec: ImageSpec, resolvers: readonly Resolver[]): readonly Problem[] {
  return ecosystems.flatMap((ecosystem) => {
    const resolver = resolvers.find((candidate) => candidate.ecosystem === ecosystem);
    return resolver === undefined ? unsupported(spec, ecosystem) : resolver.check(spec.packages[ecosystem]);
  });
}

function unsupported(spec: ImageSpec, ecosystem: Ecosystem): readonly Problem[] {
  return spec.packages[ecosystem].map(({ line, text }) => ({
    field: `packages.${ecosystem}`,
    line,
    text: shortened(text),
    code: 'ecosystem-unsupported',
    message: say`${ecosystem} packages cannot be built yet`,
    hint: say`Remove the line, or choose a base image that has the package.`,
  }));
}

function makeLock(base: ResolvedImage, resolutions: readonly Resolution[]): Lock {
  const python = resolutions.find((resolution) => resolution.python !== undefined)?.python;
  const { conda, packages } = joined(resolutions);
  return {
    lockVersion: 1,
    base: {
      reference: formatReference(base.reference),
      digest: base.digest,
      platform: formatPlatform(base.platform),
    },
    ...(python !== undefined && { python }),
    ...(conda !== undefined && { conda }),
    packages: [...packages].sort(byEcosystemAndName),
  };
}

function joined(resolutions: readonly Resolution[]): Pick<Lock, 'packages' | 'conda'> {
  const conda = resolutions.find((resolution) => resolution.conda !== undefined)?.conda;
  return { packages: resolutions.flatMap(({ packages }) => packages), ...(conda !== undefined && { conda }) };
}

/** The order of a lock's packages. */
export function byEcosystemAndName(a: LockedPackage, b: LockedPackage): number {
  const order = ecosystems.indexOf(a.ecosystem) - ecosystems.indexOf(b.ecosystem);
  return order || compareText(a.name, b.name) || compareText(architectureOf(a), architectureOf(b));
}

function architectureOf(locked: LockedPackage): string {
  return locked.ecosystem === 'apt' ? locked.architecture : '';
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
