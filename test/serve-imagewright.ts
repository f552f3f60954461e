import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiClient, createApiClient } from '../src/api/create-client.ts';
import { freePort } from './free-port.ts';

/** `bin/imagewright up` as a process of its own, ready to be asked by its administrator. */
export interface ServedImagewright extends AsyncDisposable {
  readonly url: string;
  readonly process: ChildProcess;
  readonly client: ApiClient;
}

/** Its administrator's. */
export const servedToken = 'iw_served-administrator-token';

/** Starts the service on loopback with all its state in the directory, and waits until it answers. */
export async function serveImagewright(
  dataDir: string,
  env: Readonly<Record<string, string>> = {},
): Promise<ServedImagewright> {
  const url = `http://127.0.0.1:${await freePort()}`;
  const child = spawn(
    resolve(import.meta.dirname, '../bin/imagewright'),
    ['up', '--data', dataDir, '--listen', new URL(url).host],
    { env: { ...process.env, IMAGEWRIGHT_ADMIN_TOKEN: servedToken, ...env }, stdio: 'ignore' },
  );
  const ended = new Promise((end) => child.once('close', end));
  while (!(await isReady(url))) {
    if (child.exitCode !== null) throw new Error(`imagewright up ended with ${child.exitCode}`);
    await sleep(50);
  }
  return {
    url,
    process: child,
    client: createApiClient({ url, token: servedToken }),
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function isReady(url: string): Promise<boolean> {
  const response = await fetch(`${url}/readyz`).catch(() => undefined);
  return response?.ok ?? false;
}
