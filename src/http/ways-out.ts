import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import tls from 'node:tls';
import { digestOf, hexOf } from '../oci/digest.ts';
import { createHttpClient } from './create-http-client.ts';
import type { EgressGuard } from './egress-guard.ts';
import type { HttpClient } from './http-client.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** How an administrator has the network reached, besides what the operator's environment says. */
export interface NetworkSettings {
  /** Certificates of authorities, PEM, trusted besides the usual ones; empty for none. */
  readonly certificates: string;
  /** Asked in place of the environment's proxies. `http://user:password@proxy.example.com:3128` */
  readonly proxy: { readonly url: string; readonly noProxy: readonly string[] } | undefined;
}

/** The way to the network for one job. */
export interface WayOut {
  readonly http: HttpClient;
  /** Takes any certificate. */
  readonly unverifiedHttp: HttpClient;
  /** The environment of programs that make connections of their own: their proxy is an administrator's, or one that guards where they go. */
  readonly programEnv: Environment;
}

/** Gives ways out; jobs under the same settings share connections. */
export interface WaysOut {
  for(settings: NetworkSettings): Promise<WayOut>;
}

export interface WaysOutOptions {
  readonly env: Environment;
  readonly egress: EgressGuard;
  /** URL of the proxy that guards where programs go, where programs are run. */
  readonly guardedProxy?: string;
  /** Bundles of certificates are kept in its folder `trust`. */
  readonly cacheDir: string;
}

export function createWaysOut(options: WaysOutOptions): WaysOut {
  let latest: { readonly key: string; readonly way: Promise<WayOut> } | undefined;
  return {
    for(settings) {
      const key = JSON.stringify(settings);
      if (latest?.key !== key) latest = { key, way: open(settings, options) };
      return latest.way;
    },
  };
}

async function open(
  settings: NetworkSettings,
  { egress, guardedProxy, cacheDir, ...options }: WaysOutOptions,
): Promise<WayOut> {
  const env = {
    ...withProxy(options.env, settings.proxy),
    ...(settings.certificates !== '' && { SSL_CERT_FILE: await writeBundle(settings, options.env, cacheDir) }),
  };
  const { isAllowedAddress } = egress;
  return {
    http: createHttpClient({ env, isAllowedAddress }),
    unverifiedHttp: createHttpClient({ env, skipVerify: true, isAllowedAddress }),
    programEnv: guardedProxy === undefined ? env : behindGuard(env, guardedProxy),
  };
}

function withProxy(env: Environment, proxy: NetworkSettings['proxy']): Environment {
  if (proxy === undefined) return env;
  const { http_proxy, https_proxy, all_proxy, ALL_PROXY, no_proxy, ...others } = env;
  return { ...others, HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url, NO_PROXY: proxy.noProxy.join(',') };
}

/** A file with all that is trusted: programs take it in place of what the system trusts. */
async function writeBundle({ certificates }: NetworkSettings, env: Environment, cacheDir: string): Promise<string> {
  const own = env.SSL_CERT_FILE ? [await readFile(env.SSL_CERT_FILE, 'utf8')] : [];
  const bundle = [...tls.getCACertificates('default'), ...own, certificates].map((text) => `${text.trim()}\n`).join('');
  const directory = join(cacheDir, 'trust');
  const file = join(directory, `${hexOf(digestOf(bundle))}.pem`);
  await mkdir(directory, { recursive: true });
  await writeFile(file, bundle);
  return file;
}

/** The environment with the guarding proxy, except for what goes through another already. */
function behindGuard(env: Environment, url: string): Environment {
  const own = (name: string) => env[name] || env[name.toLowerCase()] || env.ALL_PROXY || env.all_proxy;
  const [http, https] = [own('HTTP_PROXY'), own('HTTPS_PROXY')];
  const { NO_PROXY, no_proxy, ...others } = env;
  const exceptions = http && https ? { NO_PROXY, no_proxy } : {};
  return { ...others, ...exceptions, HTTP_PROXY: http || url, HTTPS_PROXY: https || url };
}
