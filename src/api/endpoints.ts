import * as audit from './audit.ts';
import * as baseImages from './base-images.ts';
import type { Endpoint } from './endpoint.ts';
import * as images from './images.ts';
import * as jobLog from './job-log.ts';
import * as jobs from './jobs.ts';
import * as limits from './limits.ts';
import * as packageSources from './package-sources.ts';
import * as packages from './packages.ts';
import * as people from './people.ts';
import * as pullSecrets from './pull-secrets.ts';
import * as registryCollections from './registry-collections.ts';
import * as registrySettings from './registry-settings.ts';

const modules: readonly Readonly<Record<string, unknown>>[] = [
  images,
  packages,
  jobs,
  jobLog,
  limits,
  baseImages,
  pullSecrets,
  packageSources,
  registrySettings,
  registryCollections,
  people,
  audit,
];

/** Everything that can be asked, in the order of the document. */
export const endpoints: readonly Endpoint[] = modules.flatMap((module) => Object.values(module).filter(isEndpoint));

function isEndpoint(value: unknown): value is Endpoint {
  return typeof value === 'object' && value !== null && 'method' in value && 'path' in value && 'status' in value;
}
