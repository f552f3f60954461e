import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a server was asked. */
export interface SeenRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export interface ScriptedServer extends AsyncDisposable {
  /** `http://127.0.0.1:34567` */
  readonly origin: string;
  /** `127.0.0.1:34567` */
  readonly host: string;
  readonly seen: readonly SeenRequest[];
}

export type Script = (request: SeenRequest, response: ServerResponse, count: number) => unknown;

/** An HTTP server on loopback that reads each request whole, then answers by the script; `count` is 1 for the first request. */
export async function serveScript(script: Script): Promise<ScriptedServer> {
  const seen: SeenRequest[] = [];
  const server = await serveRaw(async (incoming, response) => {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of incoming) chunks.push(chunk);
    } catch {
      return; // The client went away; what it did not finish was no request.
    }
    const request = {
      method: incoming.method!,
      path: incoming.url!,
      headers: incoming.headers,
      body: Buffer.concat(chunks),
    };
    seen.push(request);
    await script(request, response, seen.length);
  });
  return { ...server, seen, [Symbol.asyncDispose]: server[Symbol.asyncDispose] };
}

/** An HTTP server on loopback that leaves everything to the listener. */
export async function serveRaw(listener: RequestListener): Promise<Omit<ScriptedServer, 'seen'>> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin: `http://${host}`,
    host,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers with a status and, if given, headers and a body. */
export function answer(
  response: ServerResponse,
  status: number,
  headers: Record<string, string> = {},
  body: string | Uint8Array = '',
): void {
  response.writeHead(status, headers).end(body);
}
