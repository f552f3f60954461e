import { Hono } from 'hono';
import { answerBlob, deleteBlob } from './answer-blob.ts';
import { answerManifest, deleteManifest } from './answer-manifest.ts';
import { answerReferrers } from './answer-referrers.ts';
import { answerTags } from './answer-tags.ts';
import { beginUpload, cancelUpload, describeUpload, endUpload, receiveChunk } from './answer-upload.ts';
import { commonHeaders } from './common-headers.ts';
import { receiveManifest } from './receive-manifest.ts';
import type { Registry, RegistryAccess, RegistryRequest } from './registry.ts';
import { asRegistryError, errorResponse, RegistryError } from './registry-error.ts';
import { parseRegistryPath, type RegistryRoute, type RouteOf } from './registry-route.ts';
import { type RegistryEnv, sentPath } from './request-body.ts';

/**
 * The registry of distribution-spec 1.1 under `/v2/`: endpoints 1 to 14 but for the catalog, which nobody may list. It has no
 * authentication of its own: `registry.authorize` is asked before anything is looked up.
 */
export function createRegistryApp(registry: Registry): Hono<RegistryEnv> {
  const limitUploads = createUploadLimit(registry.maxUploadsAtOnce ?? usualUploadsAtOnce);
  const app = new Hono<RegistryEnv>();
  app.use('/v2/*', async (c, next) => {
    registry.meter?.follow(c);
    await next();
  });
  app.use(async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(commonHeaders)) c.res.headers.set(name, value);
  });
  app.on(['GET', 'PUT', 'POST', 'PATCH', 'DELETE'], ['/v2', '/v2/*'], async (c) => {
    const route = parseRegistryPath(sentPath(c));
    const principal = (await registry.authorize?.(accessOf(route, c.req.method), c)) ?? '';
    const run = () => answer(registry, { c, route, principal });
    return writesBlob(route, c.req.method) ? limitUploads(run) : run();
  });
  app.all('/v2/*', () => errorResponse(new RegistryError('UNSUPPORTED', 'The method is not supported')));
  app.onError((error, c) => {
    const known = asRegistryError(error);
    if (known === undefined && !c.env?.incoming?.errored) registry.onBug?.(error);
    return errorResponse(known ?? new RegistryError('UNKNOWN', 'The registry failed; its log says why'));
  });
  return app;
}

const usualUploadsAtOnce = 256;

function writesBlob({ type }: RegistryRoute, method: string): boolean {
  return (type === 'uploads' || type === 'upload') && method !== 'GET' && method !== 'HEAD' && method !== 'DELETE';
}

/** Runs so many at once at most, and refuses more. */
function createUploadLimit(most: number) {
  let running = 0;
  return async <T>(run: () => Promise<T>): Promise<T> => {
    if (running >= most) {
      throw new RegistryError('TOOMANYREQUESTS', 'Too many uploads at once', { headers: { 'Retry-After': '1' } });
    }
    running++;
    try {
      return await run();
    } finally {
      running--;
    }
  };
}

function accessOf(route: RegistryRoute, method: string): RegistryAccess | undefined {
  if (route.type === 'version') return undefined;
  const reads = method === 'GET' || method === 'HEAD';
  const { repository } = route;
  if (route.type === 'upload' || route.type === 'uploads') return { repository, action: 'push' };
  return { repository, action: reads ? 'pull' : method === 'DELETE' ? 'delete' : 'push' };
}

type Endpoint = (registry: Registry, request: RegistryRequest<never>) => Promise<Response>;

const endpoint = <Type extends RegistryRoute['type']>(
  answerWith: (registry: Registry, request: RegistryRequest<RouteOf<Type>>) => Promise<Response>,
) => answerWith as Endpoint;

/** HEAD comes as GET: Hono drops the body. */
const endpoints: Readonly<Record<RegistryRoute['type'], Readonly<Record<string, Endpoint>>>> = {
  version: { GET: async () => Response.json({}) },
  blob: { GET: endpoint<'blob'>(answerBlob), DELETE: endpoint<'blob'>(deleteBlob) },
  uploads: { POST: endpoint<'uploads'>(beginUpload) },
  upload: {
    GET: endpoint<'upload'>(describeUpload),
    PATCH: endpoint<'upload'>(receiveChunk),
    PUT: endpoint<'upload'>(endUpload),
    DELETE: endpoint<'upload'>(cancelUpload),
  },
  manifest: {
    GET: endpoint<'manifest'>(answerManifest),
    PUT: endpoint<'manifest'>(receiveManifest),
    DELETE: endpoint<'manifest'>(deleteManifest),
  },
  tags: { GET: endpoint<'tags'>(answerTags) },
  referrers: { GET: endpoint<'referrers'>(answerReferrers) },
};

async function answer(registry: Registry, request: RegistryRequest<RegistryRoute>): Promise<Response> {
  const { method } = request.c.req;
  const found = endpoints[request.route.type][method === 'HEAD' ? 'GET' : method];
  if (found === undefined) throw new RegistryError('UNSUPPORTED', `${method} is not supported here`);
  return found(registry, request as RegistryRequest<never>);
}
