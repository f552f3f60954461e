import type { PythonEnvironment } from '../src/rootfs/python-environment.ts';

/** The Python of a Debian 12 image with nothing installed; what the test does not say is unremarkable. */
export function buildPython(overrides: Partial<PythonEnvironment> = {}): PythonEnvironment {
  return {
    executable: '/usr/bin/python3',
    version: '3.11.2',
    implementation: 'cpython',
    freeThreaded: false,
    kind: 'debian',
    scheme: {
      purelib: '/usr/local/lib/python3.11/dist-packages',
      platlib: '/usr/local/lib/python3.11/dist-packages',
      scripts: '/usr/local/bin',
      headers: '/usr/include/python3.11',
      data: '/usr/local',
    },
    searchPath: ['/usr/local/lib/python3.11/dist-packages', '/usr/lib/python3/dist-packages'],
    libc: { family: 'glibc', version: '2.36' },
    architecture: 'amd64',
    externallyManaged: true,
    installed: [],
    ...overrides,
  };
}
