import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';

/** A TCP relay to a registry that counts what clients send, so that all contestants are counted alike. */
export interface CountingProxy extends AsyncDisposable {
  /** `127.0.0.1:40001` */
  readonly host: string;
  /** Bytes that clients sent since the last call, request heads included. */
  takeSentBytes(): number;
}

export async function startCountingProxy(target: string): Promise<CountingProxy> {
  const [host, port] = target.split(':') as [string, string];
  let sentBytes = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(port), host);
    client.on('data', (chunk) => {
      sentBytes += chunk.length;
    });
    client.pipe(upstream);
    upstream.pipe(client);
    client.on('error', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
    // A whole close is passed on by the pipes; half of one would cut off what is still on its way.
    client.on('close', (failed) => failed && upstream.destroy());
    upstream.on('close', (failed) => failed && client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    takeSentBytes() {
      const taken = sentBytes;
      sentBytes = 0;
      return taken;
    },
    async [Symbol.asyncDispose]() {
      server.close();
    },
  };
}
