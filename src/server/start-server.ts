import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { BuilderError, messageOf } from '../errors.ts';
import { createMemoryRegistryIndex } from '../registry/server/memory-registry-index.ts';
import { say } from '../sentence.ts';
import { healthRoutes } from './health-routes.ts';
import { type EmbeddedRegistry, openRegistry } from './open-registry.ts';

export interface ServerOptions {
  /** Port 0 takes any free one. */
  readonly listen: { readonly host: string; readonly port: number };
  /** Where all state lies; made when it is missing. */
  readonly dataDir: string;
  /** Gets one line at a time. */
  readonly log: (line: string) => void;
  /** One that forgets its tags and manifests with the process, and so for tests, unless told. */
  readonly registry?: EmbeddedRegistry | undefined;
  /** What is served besides the registry and health. */
  readonly app?: Hono<never> | undefined;
}

export interface RunningServer {
  /** Where it answers, e.g. `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Takes no new requests, lets those under way end for some seconds, then ends them. May be called again. */
  close(): Promise<void>;
}

const graceMs = 10_000;
/** A connection on which nothing moves for so long is ended. */
const idleMs = 120_000;

/** Starts the process behind `imagewright up`. Throws `command-invalid` when it cannot listen there. */
export async function startServer({
  listen,
  dataDir,
  log,
  app: more,
  ...options
}: ServerOptions): Promise<RunningServer> {
  const registry = options.registry ?? (await openRegistry({ dataDir, log, index: createMemoryRegistryIndex() }));
  const app = new Hono();
  app.route('/', healthRoutes());
  app.route('/', registry.app);
  if (more !== undefined) app.route('/', more as unknown as Hono);

  const server = createServer(
    // A push may take as long as it moves: time is limited between two bytes, not for the whole request.
    { requestTimeout: 0, headersTimeout: 30_000, keepAliveTimeout: 65_000 },
    getRequestListener(app.fetch, { overrideGlobalObjects: false }),
  );
  server.setTimeout(idleMs);
  await listenOn(server, listen);
  let closed: Promise<void> | undefined;
  return {
    url: urlOf(server.address() as AddressInfo),
    close() {
      closed ??= closeServer(server);
      return closed;
    },
  };
}

function listenOn(server: Server, { host, port }: ServerOptions['listen']): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(asListenError(error, `${host}:${port}`)));
    server.listen({ host, port }, resolve);
  });
}

function asListenError(error: NodeJS.ErrnoException, where: string): BuilderError {
  const hint =
    error.code === 'EADDRINUSE'
      ? say`Another program listens there, perhaps Imagewright itself; end it or choose another port with --listen.`
      : say`Choose another address with --listen.`;
  const why = error.code === 'EADDRINUSE' ? 'the address is in use' : messageOf(error);
  return new BuilderError('command-invalid', say`Cannot listen on ${where}: ${why}`, { hint, cause: error });
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const cutOff = setTimeout(() => server.closeAllConnections(), graceMs);
    // Kept-alive connections become idle one by one, as their last answers go out.
    const sweep = setInterval(() => server.closeIdleConnections(), 50);
    server.close(() => {
      clearTimeout(cutOff);
      clearInterval(sweep);
      resolve();
    });
  });
}
