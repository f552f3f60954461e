import type { RegistryHttpContext } from './request-body.ts';

/** What the registry did since the process began. */
export interface RegistryTraffic {
  /** By method and status: `GET 200`. */
  readonly requests: ReadonlyMap<string, number>;
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

export interface RegistryMeter {
  /** Counts a request when it has ended, with what passed on the wire meanwhile. */
  follow(c: RegistryHttpContext): void;
  traffic(): RegistryTraffic;
}

export function createRegistryMeter(): RegistryMeter {
  const requests = new Map<string, number>();
  let [receivedBytes, sentBytes] = [0, 0];
  return {
    follow({ env, req: { method } }) {
      const { incoming, outgoing } = env ?? {};
      if (!incoming || !outgoing) return;
      const { socket } = incoming;
      const [read, written] = [socket.bytesRead, socket.bytesWritten];
      outgoing.once('close', () => {
        const key = `${method} ${outgoing.statusCode}`;
        requests.set(key, (requests.get(key) ?? 0) + 1);
        receivedBytes += socket.bytesRead - read;
        sentBytes += socket.bytesWritten - written;
      });
    },
    traffic: () => ({ requests, receivedBytes, sentBytes }),
  };
}
