import { createRequire } from 'node:module';

type Rattler = typeof import('@conda-org/rattler');

// What `import` would give holds the WebAssembly as text: 4 MB to parse and to decode, which takes twice as long.
export const { simpleSolve, Version, VersionSpec } = createRequire(import.meta.url)('@conda-org/rattler') as Rattler;
