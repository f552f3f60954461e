import { environmentVariable, type ImageConfig } from '../oci/image-config.ts';
import { defaultPath } from '../rootfs/search-path.ts';
import type { LockedPrefix } from './lock.ts';

/**
 * The variables that make the image find the programs of its conda environment without activation, as `NAME=value`: PATH, and
 * `CONDA_PREFIX`, by which tools know the environment. None where PATH leads to it already.
 */
export function prefixVariables({ path }: LockedPrefix, config: ImageConfig): readonly string[] {
  const before = environmentVariable(config, 'PATH') ?? defaultPath;
  if (before.split(':').some((directory) => directory.replace(/\/+$/, '') === `${path}/bin`)) return [];
  return [`PATH=${path}/bin:${before}`, `CONDA_PREFIX=${path}`];
}

/** The configuration with variables set. */
export function withVariables(config: ImageConfig, variables: readonly string[]): ImageConfig {
  if (variables.length === 0) return config;
  const names = variables.map((each) => each.slice(0, each.indexOf('=') + 1));
  const kept = (config.config?.Env ?? []).filter((each) => !names.some((name) => each.startsWith(name)));
  return { ...config, config: { ...config.config, Env: [...kept, ...variables] } };
}
