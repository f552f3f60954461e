/** Where a wheel's parts go, as `sysconfig` of the image's Python says it. Absolute paths in the image. */
export interface InstallScheme {
  readonly purelib: string;
  readonly platlib: string;
  readonly scripts: string;
  /** Directory that holds one folder of headers a distribution, e.g. `/usr/local/include/python3.11`. */
  readonly headers: string;
  /** The prefix, where `.data/data` goes, e.g. `/usr/local`. */
  readonly data: string;
}

/** A distribution that stands in the image already. */
export interface InstalledDistribution {
  /** Normalised name (PEP 503): `scikit-learn`. */
  readonly name: string;
  readonly version: string;
  /** The `*.dist-info` directory, or the `*.egg-info` directory or file. */
  readonly metadataPath: string;
  /** Directory of the search path that it stands in. */
  readonly location: string;
  /** Who put it there, and so who may remove it: pip removes `pip`'s and leaves a `system`'s (dpkg, rpm, apk, or a virtual environment's base) alone. */
  readonly owner: 'pip' | 'conda' | 'system';
  /** Real absolute paths of its files by its RECORD (or `installed-files.txt`); absent when it has none or is a `system`'s, and then nobody can remove it. */
  readonly files?: readonly string[];
  /** `Requires-Dist` lines. */
  readonly requires: readonly string[];
}

/** The Python that the image's own PATH and environment would start. */
export interface PythonEnvironment {
  /** As found on PATH, links not followed: `/usr/bin/python3`. Goes into the first line of scripts. */
  readonly executable: string;
  /** `3.11.2`; the last part is left out where the image does not tell. */
  readonly version: string;
  readonly implementation: 'cpython';
  /** A free-threaded build (`t` ABI). */
  readonly freeThreaded: boolean;
  /** Which rules give the scheme: `debian` has /usr/local with dist-packages, `prefix` is as upstream (below /usr/local on Fedora and its like). */
  readonly kind: 'debian' | 'prefix' | 'venv' | 'conda';
  readonly scheme: InstallScheme;
  /** Directories that hold distributions, in the order of `sys.path`. */
  readonly searchPath: readonly string[];
  readonly libc: { readonly family: 'glibc' | 'musl' /** `2.36` */; readonly version: string };
  /** GOARCH: `amd64`, `arm64`. */
  readonly architecture: string;
  /** True when PEP 668's marker stands in the standard library. */
  readonly externallyManaged: boolean;
  readonly installed: readonly InstalledDistribution[];
}
