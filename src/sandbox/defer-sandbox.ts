import type { Sandbox } from './sandbox.ts';

/** A sandbox that is made when it is first wanted: most builds want none. */
export function deferSandbox(make: () => Promise<Sandbox>): Sandbox {
  let made: Promise<Sandbox> | undefined;
  const sandbox = () => (made ??= make());
  return {
    missing: async () => (await sandbox()).missing(),
    open: async (rootfs, options) => (await sandbox()).open(rootfs, options),
  };
}
