import { openBase } from '../build/open-base.ts';
import { isBuilderError } from '../errors.ts';
import type { ImageConfig } from '../oci/image-config.ts';
import { defaultPlatform, formatPlatform } from '../oci/platform.ts';
import { findPython } from '../rootfs/find-python.ts';
import { osName } from '../rootfs/os-release.ts';
import type { Rootfs } from '../rootfs/rootfs.ts';
import type { BuildSettings } from './build-settings.ts';
import { openJobTools, type SharedTools } from './open-job-tools.ts';
import type { RegistryGrant } from './registry-grant.ts';

/** What a base holds. */
export interface BaseContents {
  readonly digest: string;
  readonly platform: string;
  readonly os: string | undefined;
  /** What the PATH of the image starts, if pip packages can be laid down for it. */
  readonly python: { readonly version: string; readonly packages: number } | undefined;
  readonly layers: number;
  readonly sizeBytes: number;
}

export interface BaseQuestion {
  readonly reference: string;
  readonly pullSecret: string | null;
  readonly ownerGroup: string | null;
  /** Of whoever asks: what they see can be a base. */
  readonly groups: RegistryGrant['groups'];
  readonly signal: AbortSignal;
}

/** Looks into an image that somebody thinks of building upon. Throws what `openBase` throws. */
export async function inspectBase(
  { reference, groups, signal, ...rights }: BaseQuestion,
  shared: SharedTools,
  settings: BuildSettings,
): Promise<BaseContents> {
  using tools = await openJobTools({ base: reference, ...rights, grant: { groups } }, shared, settings);
  const request = { spec: { base: reference }, platform: defaultPlatform, signal, onEvent: () => {} };
  const { image, rootfs } = await openBase(request, tools);
  const content = await rootfs();
  const { layers } = image.manifest;
  return {
    digest: image.digest,
    platform: formatPlatform(image.platform),
    os: osName(content),
    python: pythonOf(content, image.config),
    layers: layers.length,
    sizeBytes: layers.reduce((sum, { size }) => sum + size, 0),
  };
}

function pythonOf(rootfs: Rootfs, config: ImageConfig): BaseContents['python'] {
  try {
    const { version, installed } = findPython(rootfs, config);
    return { version, packages: installed.length };
  } catch (error) {
    if (!isBuilderError(error, 'python-not-found', 'base-unsupported')) throw error;
    return undefined;
  }
}
