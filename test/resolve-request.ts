import type { ResolveRequest } from '../src/lock/resolver.ts';
import { digestOf } from '../src/oci/digest.ts';
import { parseReference } from '../src/oci/reference.ts';
import type { Rootfs } from '../src/rootfs/rootfs.ts';
import { toPackageLines } from '../src/spec/package-lines.ts';

/** A question to a resolver about lines as typed, on a base that holds only the files told. */
export function buildResolveRequest(lines: string, files: Readonly<Record<string, string>> = {}): ResolveRequest {
  const config = { os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: [] } } as const;
  const rootfs = {
    read: (path: string) => (files[path] === undefined ? undefined : Buffer.from(files[path])),
  } as Rootfs;
  const base: ResolveRequest['base'] = {
    reference: parseReference('registry.example.com/python:3.11'),
    digest: digestOf('base'),
    platform: { os: 'linux', architecture: 'amd64' },
    manifest: { schemaVersion: 2, config: {}, layers: [] } as unknown as ResolveRequest['base']['manifest'],
    config,
  };
  return {
    lines: toPackageLines(lines, 'packages.pip').lines,
    base,
    rootfs,
    below: { base, rootfs, packages: [] },
    fresh: false,
    signal: new AbortController().signal,
  };
}
