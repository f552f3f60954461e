import { extname } from 'node:path';
import type { LayerSource } from '../../layers/layer-source.ts';
import type { LockedPython, LockedWheel } from '../../lock/lock.ts';
import { canonicalJson } from '../../oci/canonical-json.ts';
import { digestOf, hexOf } from '../../oci/digest.ts';
import type { Bytecode } from './bytecode/bytecode-compiler.ts';
import { keepWheelContent, readKeptWheelContent, type WheelContent } from './wheel-content.ts';
import type { WheelInput } from './wheel-layer.ts';
import type { WheelStore } from './wheel-store.ts';

/** What opens a wheel in a worker thread. */
export const wheelLayerModule = new URL(`./wheel-layer${extname(import.meta.url)}`, import.meta.url).href;

/** A wheel of the lock, or one that was built of an archive of the lock. */
export interface WheelToLayDown extends LockedWheel {
  /** Of the source archive that it was built of. */
  readonly archiveSha256?: string;
}

/** The source of a wheel's layer, or of a part of one. */
export interface WheelSource extends LayerSource {
  readonly input: WheelInput;
}

/** Raised whenever a wheel would be laid down otherwise than before. */
const wheelLayoutVersion = 1;

/** What a locked wheel puts into an image with that Python, with the bytecode of its modules where that was compiled. */
export function createWheelSource(
  pkg: WheelToLayDown,
  python: LockedPython,
  store: WheelStore,
  bytecode?: Bytecode,
): WheelSource {
  const { name, version, sizeBytes } = pkg;
  const { file: _, contentFile: __, ...described } = wheelInput(pkg, python, store);
  return {
    key: canonicalJson({
      wheel: wheelLayoutVersion,
      ...described,
      python: { ...described.python, scheme: { ...python.scheme } },
      ...(bytecode !== undefined && { bytecode: bytecode.sha256 }),
    }),
    title: `${name} ${version}`,
    module: wheelLayerModule,
    input: wheelInput(pkg, python, store, bytecode),
    downloadBytes: sizeBytes,
    prepare: (options) => store.fetch(pkg, options),
  };
}

/** What the wheel brings: as it was kept when its layer was made, or read of the wheel. */
export async function wheelContent({ input, prepare }: WheelSource, signal: AbortSignal): Promise<WheelContent> {
  const kept = await readKeptWheelContent(input.contentFile);
  if (kept !== undefined) return kept;
  await prepare({ signal });
  const { readWheelContent } = await import('./wheel-layer.ts');
  const content = readWheelContent(input);
  await keepWheelContent(input.contentFile, content);
  return content;
}

/** What is told of a wheel to who opens it. */
export function wheelInput(
  { name, version, filename, sha256, directUrl, archiveSha256, requestedBy }: WheelToLayDown,
  python: LockedPython,
  store: Pick<WheelStore, 'fileOf'>,
  bytecode?: Bytecode,
): WheelInput {
  const [major, minor] = python.version.split('.');
  // Nothing in a wheel depends on the patch release.
  const likePython = { executable: python.executable, version: `${major}.${minor}`, scheme: { ...python.scheme } };
  const file = store.fileOf({ sha256 });
  return {
    name,
    version,
    filename,
    sha256,
    python: likePython,
    isRequested: requestedBy.length > 0,
    ...(directUrl !== undefined && { directUrl, ...(archiveSha256 !== undefined && { archiveSha256 }) }),
    file,
    contentFile: `${file}.${hexOf(digestOf(canonicalJson(likePython))).slice(0, 16)}.files`,
    ...(bytecode !== undefined && { bytecodeFile: bytecode.file }),
  };
}
