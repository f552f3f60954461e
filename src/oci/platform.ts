import { BuilderError } from '../errors.ts';
import { say } from '../sentence.ts';

/** The machine an image is for, image-spec image-index.md "platform": `linux/amd64`, `linux/arm/v7`. */
export interface Platform {
  readonly os: string;
  /** A GOARCH value: `amd64`, `arm64`, … */
  readonly architecture: string;
  readonly variant?: string;
}

export const defaultPlatform: Platform = { os: 'linux', architecture: 'amd64' };

/** Reads `os/architecture[/variant]`. Throws `command-invalid`. */
export function parsePlatform(text: string): Platform {
  const match = /^([a-z0-9]+)\/([a-z0-9]+)(?:\/([a-z0-9.]+))?$/.exec(text);
  if (!match) {
    throw new BuilderError('command-invalid', say`"${text}" is not a platform`, {
      hint: say`Write it as linux/amd64.`,
    });
  }
  const [, os, architecture, variant] = match;
  return { os: os!, architecture: architecture!, ...(variant !== undefined && { variant }) };
}

/** `linux/amd64` or `linux/arm/v7` */
export function formatPlatform({ os, architecture, variant }: Platform): string {
  return `${os}/${architecture}${variant === undefined ? '' : `/${variant}`}`;
}

/** True when an image for `offered` runs where `wanted` is asked for; `arm64` and `arm64/v8` are the same. */
export function matchesPlatform(wanted: Platform, offered: Platform): boolean {
  return (
    wanted.os === offered.os &&
    wanted.architecture === offered.architecture &&
    (wanted.variant === undefined || normalVariant(wanted) === normalVariant(offered))
  );
}

function normalVariant({ architecture, variant }: Platform): string | undefined {
  return architecture === 'arm64' ? (variant ?? 'v8') : architecture === 'arm' ? (variant ?? 'v7') : variant;
}
