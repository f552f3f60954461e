import { once } from 'node:events';
import { resolve } from 'node:path';
import { BuilderError } from '../errors.ts';
import { startServer } from '../server/start-server.ts';
import type { Command, CommandArguments, CommandContext } from './command.ts';

export const upCommand: Command = {
  name: 'up',
  summary: 'Serve Imagewright: a registry of its own, on this machine.',
  operands: '',
  arity: [0, 0],
  description: `
Serves the embedded registry under /v2/ and its health under /healthz, until Ctrl-C. Any client can push and pull. All state lives
in the data directory. The registry asks nobody for a password yet: keep it on loopback.`,
  options: {
    listen: {
      type: 'string',
      value: 'HOST:PORT',
      env: 'IMAGEWRIGHT_LISTEN',
      description: 'Address to serve on (default: 127.0.0.1:8080).',
    },
    data: {
      type: 'string',
      value: 'DIR',
      env: 'IMAGEWRIGHT_DATA',
      description: 'Directory for all state (default: ./data).',
    },
  },
  examples: ['imagewright up', 'imagewright up --listen 127.0.0.1:5000 --data /srv/imagewright'],
  run: runUp,
};

async function runUp({ options }: CommandArguments, { stderr, signal }: CommandContext): Promise<void> {
  const dataDir = resolve(options.string('data') ?? 'data');
  const listen = parseListen(options.string('listen') ?? '127.0.0.1:8080');
  const server = await startServer({ listen, dataDir, log: (line) => void stderr.write(`${line}\n`) });
  const { host } = new URL(server.url);
  stderr.write(`Imagewright serves at ${server.url}

  registry   ${host}        push and pull with any client
  health     ${server.url}/healthz
  state      ${dataDir}

Bring in a base:  imagewright registry import python-base.tar ${host}/python:3.11
Ctrl-C stops.
`);
  if (!signal.aborted) await once(signal, 'abort');
  stderr.write('Stopping …\n');
  await server.close();
}

/** Reads `host:port`, `[::1]:port` or `:port`. */
export function parseListen(text: string): { host: string; port: number } {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) {
    throw new BuilderError('command-invalid', `"${text}" is no address to listen on`, {
      hint: 'Write it as 127.0.0.1:8080.',
    });
  }
  return { host: match[1] ?? (match[2] || '127.0.0.1'), port };
}
