import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { isBuilderError } from '../errors.ts';
import { checkedLookup, checkLiteralAddress, connectionTargetOf, type IsAllowedAddress } from './address-policy.ts';
import { http } from './node-http.ts';

/** A forward proxy on this machine for programs that make connections of their own. */
export interface GuardedProxy extends AsyncDisposable {
  /** `http://127.0.0.1:39411` */
  readonly url: string;
}

/** A tunnel in which nothing moves for so long is ended. */
const idleMs = 120_000;

/**
 * Starts a proxy (RFC 9110 section 9.3.6 CONNECT, and plain requests in absolute form) that connects to allowed addresses only: names are
 * looked up here, so what was judged is what is connected to. Answers 403 for what is not allowed, 502 for what cannot be reached.
 */
export async function startGuardedProxy(isAllowedAddress: IsAllowedAddress): Promise<GuardedProxy> {
  const tunnels = new Set<Duplex>();
  const server = http.createServer((request, response) => forward(request, response, isAllowedAddress));
  server.on('connect', (request, client: Duplex) => {
    tunnels.add(client);
    client.on('close', () => tunnels.delete(client));
    tunnel(request.url ?? '', client, isAllowedAddress);
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const each of tunnels) each.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function tunnel(authority: string, client: Duplex, isAllowedAddress: IsAllowedAddress): void {
  client.on('error', () => client.destroy());
  const refuse = (status: string) => client.end(`HTTP/1.1 ${status}\r\ncontent-length: 0\r\n\r\n`);
  if (!URL.canParse(`http://${authority}`)) return void refuse('400 Bad Request');
  // The port is always told; that of plain HTTP is left out by URL.
  const target = connectionTargetOf(new URL(`http://${authority}`));
  let upstream: Socket;
  try {
    checkLiteralAddress(target, isAllowedAddress);
    upstream = connect({ ...target, lookup: checkedLookup(target, isAllowedAddress) });
  } catch {
    return void refuse('403 Forbidden');
  }
  let isOpen = false;
  upstream.once('connect', () => {
    isOpen = true;
    client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    upstream.pipe(client).pipe(upstream);
  });
  upstream.setTimeout(idleMs, () => upstream.destroy());
  upstream.once('error', (error) => {
    if (isOpen) client.destroy();
    else refuse(statusOf(error));
  });
  client.on('close', () => upstream.destroy());
}

function forward(request: IncomingMessage, response: ServerResponse, isAllowedAddress: IsAllowedAddress): void {
  const fail = (error: unknown) => {
    if (response.headersSent) return void response.destroy();
    response.writeHead(Number(statusOf(error).slice(0, 3))).end();
  };
  const url = URL.canParse(request.url ?? '') ? new URL(request.url!) : undefined;
  if (url?.protocol !== 'http:') return void response.writeHead(400).end();
  const target = connectionTargetOf(url);
  try {
    checkLiteralAddress(target, isAllowedAddress);
  } catch (error) {
    return void fail(error);
  }
  const { 'proxy-connection': _, 'proxy-authorization': __, ...headers } = request.headers;
  const lookup = checkedLookup(target, isAllowedAddress);
  const upstream = http.request(url, { method: request.method, headers, lookup, timeout: idleMs });
  upstream.on('timeout', () => upstream.destroy(new Error('nothing moves')));
  upstream.on('response', (answer) => {
    response.writeHead(answer.statusCode!, answer.headers);
    answer.on('error', fail).pipe(response);
  });
  upstream.on('error', fail);
  request.pipe(upstream);
  response.on('close', () => upstream.destroy());
}

function statusOf(error: unknown): string {
  return isBuilderError(error, 'forbidden') ? '403 Forbidden' : '502 Bad Gateway';
}
