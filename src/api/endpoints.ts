import type { Endpoint } from './endpoint.ts';
import * as images from './images.ts';
import * as jobLog from './job-log.ts';
import * as jobs from './jobs.ts';
import * as me from './me.ts';

const modules: readonly Readonly<Record<string, unknown>>[] = [images, jobs, jobLog, me];

/** Everything that can be asked, in the order of the document. */
export const endpoints: readonly Endpoint[] = modules.flatMap((module) => Object.values(module).filter(isEndpoint));

function isEndpoint(value: unknown): value is Endpoint {
  return typeof value === 'object' && value !== null && 'method' in value && 'path' in value && 'status' in value;
}
