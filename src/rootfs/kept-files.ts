import { type Excerpt, interpreterExcerpt, libcExcerpt, metadataExcerpt } from './excerpts.ts';

/** What of a file's content an index keeps. */
export interface KeepRule {
  /** Most bytes that are read of it. */
  readonly maxBytes: number;
  /** What is kept of what was read, nothing when `undefined`; without it the file is kept whole, and not at all when it is larger. */
  readonly excerpt?: Excerpt;
}

const mebibyte = 1024 * 1024;
const whole: KeepRule = { maxBytes: 16 * mebibyte };
const metadata: KeepRule = { maxBytes: mebibyte, excerpt: metadataExcerpt };
const libc: KeepRule = { maxBytes: 16 * mebibyte, excerpt: libcExcerpt };
const interpreter: KeepRule = { maxBytes: 64 * mebibyte, excerpt: interpreterExcerpt };

const wholePaths: ReadonlySet<string> = new Set([
  '/etc/os-release',
  '/usr/lib/os-release',
  '/var/lib/dpkg/status',
  '/lib/apk/db/installed',
  '/usr/lib/apk/db/installed',
]);

const metadataFile = /\.(?:dist-info\/METADATA|egg-info\/PKG-INFO)$/;
const installedFile =
  /\.(?:dist-info\/(?:RECORD|INSTALLER|direct_url\.json|REQUESTED)|egg-info(?:\/(?:installed-files|requires)\.txt)?)$/;
const otherFile =
  /\/(?:conda-meta\/[^/]*\.json|conda-meta\/(?:history|pinned)|(?:site|dist)-packages\/[^/]*\.pth|dpkg\/status\.d\/[^/]*|pyvenv\.cfg|EXTERNALLY-MANAGED|include\/python3[^/]*\/patchlevel\.h)$/;
const libcFile = /\/(?:libc\.so\.6|libc-2\.[0-9.]+\.so|ld-musl-[^/]+\.so\.1|libc\.musl-[^/]+\.so\.1)$/;
const interpreterFile = /\/(?:platform-)?python(?:[0-9](?:\.[0-9]+)?t?)?$|\/libpython3\.[0-9]+t?\.so\.1\.0$/;

/** Which content of a file is needed to tell what is installed; `undefined` for the many that tell nothing. */
export function keepRule(path: string): KeepRule | undefined {
  if (wholePaths.has(path) || installedFile.test(path) || otherFile.test(path)) return whole;
  if (metadataFile.test(path)) return metadata;
  if (libcFile.test(path)) return libc;
  if (interpreterFile.test(path)) return interpreter;
  return undefined;
}

/** True for a file whose content, or an excerpt of it, a layer's index keeps. */
export function isKept(path: string): boolean {
  return keepRule(path) !== undefined;
}
