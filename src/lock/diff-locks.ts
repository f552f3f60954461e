import type { Lock, LockedPackage } from './lock.ts';

export interface LockDifference {
  readonly added: readonly LockedPackage[];
  readonly removed: readonly LockedPackage[];
  /** Same ecosystem and name, another version or another file. */
  readonly changed: readonly { readonly from: LockedPackage; readonly to: LockedPackage }[];
}

/** What packages the second lock lays down that the first does not, and the other way around. Why they are there does not count. */
export function diffLocks(from: Lock, to: Lock): LockDifference {
  const before = byKey(from);
  const after = byKey(to);
  return {
    added: [...after].filter(([key]) => !before.has(key)).map(([, locked]) => locked),
    removed: [...before].filter(([key]) => !after.has(key)).map(([, locked]) => locked),
    changed: [...after].flatMap(([key, locked]) => {
      const old = before.get(key);
      return old !== undefined && !isSame(old, locked) ? [{ from: old, to: locked }] : [];
    }),
  };
}

function byKey({ packages }: Lock): ReadonlyMap<string, LockedPackage> {
  return new Map(packages.map((locked) => [keyOf(locked), locked]));
}

function keyOf(locked: LockedPackage): string {
  const architecture = locked.ecosystem === 'apt' ? `:${locked.architecture}` : '';
  return `${locked.ecosystem}:${locked.name}${architecture}`;
}

function isSame(a: LockedPackage, b: LockedPackage): boolean {
  return a.version === b.version && a.sha256 === b.sha256;
}
