import type { Digest } from '../oci/digest.ts';
import type { InstallScheme } from '../rootfs/python-environment.ts';

/** Exactly what a spec means, for one base and platform: enough to build the same image again without asking any index. */
export interface Lock {
  readonly lockVersion: 1;
  readonly base: LockedBase;
  /** The Python that pip packages are for; absent when there are none. */
  readonly python?: LockedPython;
  /** The environment that conda packages are for; absent when there are none. */
  readonly conda?: LockedPrefix;
  /** Sorted by ecosystem, name, then architecture. */
  readonly packages: readonly LockedPackage[];
}

export interface LockedBase {
  /** As asked for: `registry.example.com/python:3.11`. */
  readonly reference: string;
  /** Digest of the manifest for the platform. */
  readonly digest: Digest;
  /** `linux/amd64` */
  readonly platform: string;
}

export interface LockedPython {
  /** `/usr/bin/python3` */
  readonly executable: string;
  /** `3.11.2` */
  readonly version: string;
  readonly scheme: InstallScheme;
  /** Set when the modules of the packages are laid down compiled as well. */
  readonly compileBytecode?: true;
}

/** A conda environment of the image. */
export interface LockedPrefix {
  /** `/opt/conda` */
  readonly path: string;
  /** The base has no environment there: packages bring all of it. */
  readonly isNew: boolean;
  /** The version of the environment's Python once the packages are in it, where it has one: `3.12.7`. */
  readonly python?: string;
  /** Where that Python looks for packages, below the prefix: `lib/python3.12/site-packages`. */
  readonly sitePackages?: string;
}

/** One package that will be laid down. A new ecosystem is one more member of this union. */
export type LockedPackage = LockedDeb | LockedConda | LockedWheel | LockedSdist;

/** True for what comes as source. */
export function isSdist(locked: LockedPackage): locked is LockedSdist {
  return locked.ecosystem === 'pip' && locked.buildRequires !== undefined;
}

/** A Debian package, installed by apt in the sandbox. */
export interface LockedDeb {
  readonly ecosystem: 'apt';
  /** `libjq1` */
  readonly name: string;
  /** `1.6-2.1+deb12u1` */
  readonly version: string;
  /** `amd64`, `all` */
  readonly architecture: string;
  /** Where it is to be had; without credentials. */
  readonly url: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  /** Why it is there: the lines of the spec … */
  readonly requestedBy: readonly string[];
  /** … and the names of packages of the lock that need it. */
  readonly requiredBy: readonly string[];
}

/** A conda package, as its channel's (patched) repodata has it. */
export interface LockedConda {
  readonly ecosystem: 'conda';
  /** `numpy`, `_libgcc_mutex` */
  readonly name: string;
  readonly version: string;
  /** `py312h58c1407_0` */
  readonly build: string;
  readonly buildNumber: number;
  /** `linux-64`, `linux-aarch64` or `noarch`. */
  readonly subdir: string;
  /** URL of the channel without credentials: `https://conda.example.com/conda-forge/`. */
  readonly channel: string;
  /** `numpy-2.1.0-py312h58c1407_0.conda` */
  readonly filename: string;
  /** Where it is to be had; without credentials. */
  readonly url: string;
  readonly sha256: string;
  readonly md5?: string;
  readonly sizeBytes: number;
  /** Match specs. */
  readonly depends: readonly string[];
  readonly constrains: readonly string[];
  readonly noarch?: 'python' | 'generic';
  readonly license?: string;
  /** When it was made, in milliseconds since 1970. */
  readonly timestamp?: number;
  readonly features?: string;
  readonly trackFeatures?: readonly string[];
  /** Why it is there: the lines of the spec (match specs) … */
  readonly requestedBy: readonly string[];
  /** … and the names of packages that need it, those of the base too. */
  readonly requiredBy: readonly string[];
  /** The package of the base's environment that it takes the place of. */
  readonly replaces?: ReplacedRecord;
}

/** A package of the base's environment that has to go. */
export interface ReplacedRecord {
  readonly version: string;
  readonly build: string;
  /** Its record in the image: `/opt/conda/conda-meta/numpy-1.26.4-py312heda63a1_0.json`. */
  readonly recordPath: string;
}

/** A package that comes as a wheel. */
export interface LockedWheel extends LockedDistribution {
  readonly buildRequires?: undefined;
}

/** A package that comes as source: a wheel is built of it in the sandbox, and laid down as any other. */
export interface LockedSdist extends LockedDistribution {
  /** All that stands beside Python while it is built, by name. */
  readonly buildRequires: readonly LockedFile[];
}

/** A file of a package index. */
export interface LockedFile {
  /** Normalised name (PEP 503): `scikit-learn`. */
  readonly name: string;
  readonly version: string;
  /** File name of the wheel, or of the source archive where that is what is locked. */
  readonly filename: string;
  /** Where it is to be had; without credentials. */
  readonly url: string;
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** A pip package; its file is the wheel or the source archive. */
interface LockedDistribution extends LockedFile {
  readonly ecosystem: 'pip';
  /** Why it is there: the requirements of the spec (canonical text) … */
  readonly requestedBy: readonly string[];
  /** … and the names of packages that need it, installed ones too. */
  readonly requiredBy: readonly string[];
  /** Set when a line names it by URL (`name @ https://…`): the URL for direct_url.json (PEP 610), without credentials. */
  readonly directUrl?: string;
  /** The distribution of the base, or of the lock's conda packages, that it takes the place of. Absent when that one is a system's, which is shadowed instead. */
  readonly replaces?: Replacement;
}

/** A distribution that has to go. */
export interface Replacement {
  readonly version: string;
  /** Its `*.dist-info` in the image. */
  readonly metadataPath: string;
  /** Who lays it down, where it is not in the base: packages of the same lock. */
  readonly broughtBy?: 'conda';
}
