import { spawn } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from './free-port.ts';
import { runCommand } from './run-command.ts';

/** A PostgreSQL server with a data directory of its own, on loopback. */
export interface Postgres extends AsyncDisposable {
  /** Makes an empty database and gives its URL. */
  createDatabase(name: string): Promise<string>;
  readonly pid: number;
}

/** Starts the newest PostgreSQL that is installed, with durability off: what it holds ends with the test. */
export async function startPostgres(): Promise<Postgres> {
  const bin = binaries();
  const directory = await mkdtemp(join(tmpdir(), 'imagewright-pg-'));
  const account = await unprivileged();
  if (account !== undefined) await chown(directory, account.uid, account.gid);
  const data = join(directory, 'data');
  const as = account === undefined ? {} : account;
  await runAs(as, join(bin, 'initdb'), [
    '--pgdata',
    data,
    '--auth',
    'trust',
    '--username',
    'test',
    '--no-sync',
    '-E',
    'UTF8',
    '--locale',
    'C',
  ]);
  const port = await freePort();
  const options = ['-D', data, '-p', String(port), '-c', `unix_socket_directories=${directory}`, '-c', 'fsync=off'];
  const child = spawn(join(bin, 'postgres'), [...options, '-c', 'listen_addresses=127.0.0.1'], {
    ...as,
    stdio: 'ignore',
  });
  const ended = new Promise<void>((end) => child.once('close', () => end()));
  const end = () => void child.kill('SIGQUIT');
  process.once('exit', end);
  const url = (name: string) => `postgres://test@127.0.0.1:${port}/${name}`;
  await untilReady(url('postgres'));
  return {
    pid: child.pid!,
    async createDatabase(name) {
      const client = new pg.Client({ connectionString: url('postgres') });
      await client.connect();
      await client.query(`create database ${pg.escapeIdentifier(name)}`);
      await client.end();
      return url(name);
    },
    async [Symbol.asyncDispose]() {
      process.removeListener('exit', end);
      child.kill('SIGQUIT');
      await ended;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function binaries(): string {
  const found = globSync('/usr/lib/postgresql/*/bin').sort((a, b) => versionOf(b) - versionOf(a))[0];
  if (found === undefined || !existsSync(join(found, 'initdb'))) throw new Error('PostgreSQL is not installed');
  return found;
}

const versionOf = (path: string) => Number(/postgresql\/(\d+)/.exec(path)?.[1]);

/** PostgreSQL refuses to run as root: then it runs as the account that its package made. */
async function unprivileged(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => runCommand('id', [flag, 'postgres'])));
  return { uid: Number(uid), gid: Number(gid) };
}

function runAs(as: { uid?: number; gid?: number }, command: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...as, stdio: ['ignore', 'ignore', 'pipe'] });
    let told = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (told += text));
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`${command} ended with ${code}: ${told}`)),
    );
  });
}

async function untilReady(url: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      if (attempt === 100) throw error;
      await sleep(100);
    }
  }
}
