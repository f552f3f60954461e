import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { ContainerRunOptions } from './buildah.ts';

const bundles = [
  process.env.SSL_CERT_FILE,
  process.env.PIP_CERT,
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
];
const passedOn = [
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'PIP_INDEX_URL',
  'PIP_EXTRA_INDEX_URL',
  'PIP_DEFAULT_TIMEOUT',
];

/**
 * What a command in a container needs to reach the package index as this host does: the host's certificates, proxies and
 * index. All of it is mounted below /tmp, so that it leaves no trace in the trees that tests compare.
 */
export function hostNetwork(): Required<Pick<ContainerRunOptions, 'mounts' | 'variables'>> {
  const variables: Record<string, string> = {};
  for (const name of passedOn.flatMap((name) => [name, name.toUpperCase()])) {
    const value = process.env[name];
    if (value) variables[name] = value;
  }
  const found = bundles.find((path) => path && existsSync(path));
  if (!found) return { mounts: {}, variables };
  const bundle = realpathSync(found);
  const seen = `/tmp/host-trust/${basename(bundle)}`;
  return {
    mounts: { '/tmp/host-trust': dirname(bundle) },
    variables: { ...variables, PIP_CERT: seen, SSL_CERT_FILE: seen, PIP_DISABLE_PIP_VERSION_CHECK: '1' },
  };
}
