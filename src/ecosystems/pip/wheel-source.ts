import { extname } from 'node:path';
import type { LayerSource } from '../../layers/layer-source.ts';
import type { LockedPython, LockedWheel } from '../../lock/lock.ts';
import { canonicalJson } from '../../oci/canonical-json.ts';
import type { WheelInput } from './wheel-layer.ts';
import type { WheelStore } from './wheel-store.ts';

/** What opens a wheel in a worker thread. */
export const wheelLayerModule = new URL(`./wheel-layer${extname(import.meta.url)}`, import.meta.url).href;

/** Raised whenever a wheel would be laid down otherwise than before. */
const wheelLayoutVersion = 1;

/** What a locked wheel puts into an image with that Python. */
export function createWheelSource(pkg: LockedWheel, python: LockedPython, store: WheelStore): LayerSource {
  const { name, version, filename, sha256, directUrl, sizeBytes } = pkg;
  const [major, minor] = python.version.split('.');
  const described = {
    name,
    version,
    filename,
    sha256,
    // Nothing in a wheel depends on the patch release.
    python: { executable: python.executable, version: `${major}.${minor}`, scheme: python.scheme },
    isRequested: pkg.requestedBy.length > 0,
    ...(directUrl !== undefined && { directUrl }),
  };
  const input: WheelInput = { ...described, file: store.fileOf(pkg) };
  return {
    key: canonicalJson({
      wheel: wheelLayoutVersion,
      ...described,
      python: { ...described.python, scheme: { ...python.scheme } },
    }),
    title: `${name} ${version}`,
    module: wheelLayerModule,
    input,
    downloadBytes: sizeBytes,
    prepare: (options) => store.fetch(pkg, options),
  };
}
