import { joinPath, parentOf } from './paths.ts';
import type { Rootfs } from './rootfs.ts';

/** A virtual environment by its `pyvenv.cfg` (PEP 405). */
export interface VirtualEnvironment {
  /** Directory of the environment, links not followed: `/opt/venv`. */
  readonly prefix: string;
  /** Directory of the Python it was made with, e.g. `/usr/local/bin`. */
  readonly home?: string;
  readonly version?: string;
  /** True when it also sees what is installed in that Python. */
  readonly includesSystemSite: boolean;
}

/** The virtual environment that an executable starts, as CPython looks for it: beside it or one up, its links not followed. */
export function findVirtualEnvironment(rootfs: Rootfs, executable: string): VirtualEnvironment | undefined {
  const directory = parentOf(executable);
  const prefix = parentOf(directory);
  const content = rootfs.read(joinPath(directory, 'pyvenv.cfg')) ?? rootfs.read(joinPath(prefix, 'pyvenv.cfg'));
  if (content === undefined) return undefined;
  const values = parsePyvenvConfig(content.toString('utf8'));
  const home = values.get('home');
  const version = /^3\.[0-9]+\.[0-9]+(?:(?:a|b|rc)[0-9]+)?/.exec(versionText(values))?.[0];
  return {
    prefix,
    ...(home?.startsWith('/') && { home }),
    ...(version !== undefined && { version }),
    includesSystemSite: values.get('include-system-site-packages')?.toLowerCase() === 'true',
  };
}

/** `version` is venv's and uv's, `version_info` virtualenv's: `3.11.2.final.0`. */
function versionText(values: ReadonlyMap<string, string>): string {
  return values.get('version') ?? values.get('version_info') ?? '';
}

function parsePyvenvConfig(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const equals = line.indexOf('=');
    if (equals > 0) values.set(line.slice(0, equals).trim().toLowerCase(), line.slice(equals + 1).trim());
  }
  return values;
}
