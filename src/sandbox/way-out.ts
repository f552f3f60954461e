import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WayOutOfRoom } from './sandbox.ts';

/** A socket of the file system, which is seen from every network namespace, that leads to a place on the network. */
export interface WayOutSocket extends AsyncDisposable {
  readonly path: string;
}

export async function openWayOut({ host, port }: WayOutOfRoom): Promise<WayOutSocket> {
  // A path of a socket has at most 107 bytes.
  const directory = await mkdtemp(join(tmpdir(), 'imagewright-'));
  const path = join(directory, 'out');
  const open = new Set<Socket>();
  const server = createServer((inside) => {
    const outside = connect(port, host);
    for (const [socket, other] of [[inside, outside] as const, [outside, inside] as const]) {
      open.add(socket);
      socket.on('error', () => other.destroy()).on('close', () => open.delete(socket));
    }
    inside.pipe(outside).pipe(inside);
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve));
  return {
    path,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Run by Node in a room's network namespace, with the path of the socket and of a file that it writes when it is ready. */
export const forwarderScript = `
const { connect, createServer } = require('node:net');
const [path, ready] = process.argv.slice(1);
const server = createServer((inside) => {
  const outside = connect(path);
  inside.on('error', () => outside.destroy());
  outside.on('error', () => inside.destroy());
  inside.pipe(outside).pipe(inside);
});
server.listen(3128, '127.0.0.1', () => require('node:fs').writeFileSync(ready, ''));
`;
