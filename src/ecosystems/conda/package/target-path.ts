/** The Python of an environment, for packages that go to wherever it looks. */
export interface EnvironmentPython {
  /** `3.12` */
  readonly version: string;
  /** Below the prefix: `lib/python3.12/site-packages` (CEP-17). */
  readonly sitePackages: string;
}

/** Where a file of a noarch Python package goes, below the prefix: `site-packages/black.py` → `lib/python3.12/site-packages/black.py`. */
export function noarchTarget(path: string, { sitePackages }: Pick<EnvironmentPython, 'sitePackages'>): string {
  if (path.startsWith('site-packages/')) return `${sitePackages}/${path.slice('site-packages/'.length)}`;
  return path.startsWith('python-scripts/') ? `bin/${path.slice('python-scripts/'.length)}` : path;
}
