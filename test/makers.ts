import type { LockedConda, LockedDeb, LockedWheel } from '../src/lock/lock.ts';

/** A locked wheel; what the test does not say is unremarkable. */
export function buildLockedWheel(overrides: Partial<LockedWheel> = {}): LockedWheel {
  const { name = 'demo', version = '1.0' } = overrides;
  const filename = `${name.replaceAll('-', '_')}-${version}-py3-none-any.whl`;
  return {
    ecosystem: 'pip',
    name,
    version,
    filename,
    url: `https://files.example.com/${filename}`,
    sha256: '0'.repeat(64),
    sizeBytes: 1000,
    requestedBy: [],
    requiredBy: [],
    ...overrides,
  };
}

/** A locked Debian package; what the test does not say is unremarkable. */
export function buildLockedDeb(overrides: Partial<LockedDeb> = {}): LockedDeb {
  const { name = 'jq', version = '1.6-2', architecture = 'amd64' } = overrides;
  return {
    ecosystem: 'apt',
    name,
    version,
    architecture,
    url: `http://deb.example.com/debian/pool/main/${name}_${version}_${architecture}.deb`,
    sha256: '0'.repeat(64),
    sizeBytes: 1000,
    requestedBy: [],
    requiredBy: [],
    ...overrides,
  };
}

/** A locked conda package; what the test does not say is unremarkable. */
export function buildLockedConda(overrides: Partial<LockedConda> = {}): LockedConda {
  const { name = 'tzdata', version = '2024a', build = 'h0_0', subdir = 'noarch' } = overrides;
  const channel = 'https://conda.example.com/conda-forge/';
  const filename = `${name}-${version}-${build}.conda`;
  return {
    ecosystem: 'conda',
    name,
    version,
    build,
    buildNumber: 0,
    subdir,
    channel,
    filename,
    url: `${channel}${subdir}/${filename}`,
    sha256: '0'.repeat(64),
    sizeBytes: 1000,
    depends: [],
    constrains: [],
    requestedBy: [],
    requiredBy: [],
    ...overrides,
  };
}
