import type { ImageConfig } from '../oci/image-config.ts';

/** The value of a variable of the image's environment; the last one counts. */
export function environmentVariable(config: ImageConfig, name: string): string | undefined {
  const line = config.config?.Env?.findLast((each) => each.startsWith(`${name}=`));
  return line?.slice(name.length + 1);
}
