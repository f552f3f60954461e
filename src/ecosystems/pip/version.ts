/** A version, PEP 440: `2!1.0rc1.post3.dev4+ubuntu.1`. Numbers are `bigint`: calendar versions have no limit. */
export interface Version {
  readonly epoch: bigint;
  readonly release: readonly bigint[];
  readonly pre?: { readonly phase: 'a' | 'b' | 'rc'; readonly number: bigint };
  readonly post?: bigint;
  readonly dev?: bigint;
  readonly local?: readonly (string | bigint)[];
}

const pattern =
  /^v?(?:(?<epoch>\d+)!)?(?<release>\d+(?:\.\d+)*)(?:[-_.]?(?<phase>alpha|a|beta|b|preview|pre|c|rc)[-_.]?(?<pre>\d+)?)?(?:-(?<bare>\d+)|[-_.]?(?<isPost>post|rev|r)[-_.]?(?<post>\d+)?)?(?:[-_.]?(?<isDev>dev)[-_.]?(?<dev>\d+)?)?(?:\+(?<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?$/;

/** Reads a version in any spelling that PEP 440 allows (`1.0-alpha`, `V1.0`); `undefined` when it is none. */
export function parseVersion(text: string): Version | undefined {
  if (text.length > 500) return undefined;
  const groups = pattern.exec(text.trim().toLowerCase())?.groups;
  if (groups === undefined) return undefined;
  const { epoch, release, phase, pre, bare, isPost, post, isDev, dev, local } = groups;
  return {
    epoch: BigInt(epoch ?? 0),
    release: release!.split('.').map(BigInt),
    ...(phase !== undefined && { pre: { phase: normalPhase(phase), number: BigInt(pre ?? 0) } }),
    ...((bare ?? isPost) !== undefined && { post: BigInt(bare ?? post ?? 0) }),
    ...(isDev !== undefined && { dev: BigInt(dev ?? 0) }),
    ...(local !== undefined && {
      local: local.split(/[-_.]/).map((part) => (/^\d+$/.test(part) ? BigInt(part) : part)),
    }),
  };
}

function normalPhase(phase: string): 'a' | 'b' | 'rc' {
  return phase.startsWith('a') ? 'a' : phase.startsWith('b') ? 'b' : 'rc';
}

/** The normal form: `1.0a1.post2.dev3+local.1`. */
export function formatVersion({ epoch, release, pre, post, dev, local }: Version): string {
  return [
    epoch === 0n ? '' : `${epoch}!`,
    release.join('.'),
    pre === undefined ? '' : `${pre.phase}${pre.number}`,
    post === undefined ? '' : `.post${post}`,
    dev === undefined ? '' : `.dev${dev}`,
    local === undefined ? '' : `+${local.join('.')}`,
  ].join('');
}

/** Orders versions, PEP 440 "Summary of permitted suffixes and relative ordering": negative when `a` is the older. */
export function compareVersions(a: Version, b: Version): number {
  return (
    compare(a.epoch, b.epoch) ||
    compareReleases(a.release, b.release) ||
    compareLists(suffixKey(a), suffixKey(b)) ||
    compareLocals(a.local, b.local)
  );
}

/** Orders release segments; trailing zeros do not count. */
export function compareReleases(a: readonly bigint[], b: readonly bigint[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const order = compare(a[index] ?? 0n, b[index] ?? 0n);
    if (order !== 0) return order;
  }
  return 0;
}

/** True for alpha, beta, candidate and development releases. */
export function isPrerelease({ pre, dev }: Version): boolean {
  return pre !== undefined || dev !== undefined;
}

/** The version without its local part. */
export function publicVersion({ local: _local, ...version }: Version): Version {
  return version;
}

const phases = { a: 0n, b: 1n, rc: 2n } as const;

/** A bare `.devN` comes before every pre-release, a final release after; `.devN` before the same without. */
function suffixKey({ pre, post, dev }: Version): readonly bigint[] {
  const beforeAll = pre === undefined && post === undefined && dev !== undefined;
  return [
    beforeAll ? -1n : pre === undefined ? 3n : phases[pre.phase],
    pre?.number ?? 0n,
    post ?? -1n,
    dev === undefined ? 1n : 0n,
    dev ?? 0n,
  ];
}

function compareLists(a: readonly bigint[], b: readonly bigint[]): number {
  const index = a.findIndex((number, place) => number !== b[place]);
  return index < 0 ? 0 : compare(a[index]!, b[index]!);
}

/** None comes first, a number after a word, a longer one after its own beginning. */
function compareLocals(a: Version['local'], b: Version['local']): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const left = a[index]!;
    const right = b[index]!;
    if (typeof left !== typeof right) return typeof left === 'bigint' ? 1 : -1;
    const order = compare(left, right);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compare<T extends bigint | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
