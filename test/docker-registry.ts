import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { freePort } from './free-port.ts';

/** Debian's docker-registry (the distribution project's), on a loopback port, with empty storage that goes with the scope. */
export interface DockerRegistry extends AsyncDisposable {
  /** `127.0.0.1:40001` */
  readonly host: string;
  /** Its `storage.filesystem.rootdirectory`. */
  readonly storage: string;
}

export interface DockerRegistryOptions {
  /** A line of an htpasswd file, bcrypt only (`alice:$2y$05$…`); anonymous access is refused then. */
  readonly htpasswd?: string;
}

/** Starts the registry and waits until it answers. */
export async function startDockerRegistry(options: DockerRegistryOptions = {}): Promise<DockerRegistry> {
  const directory = await mkdtemp(join(tmpdir(), 'imagewright-registry-'));
  // It takes no port 0.
  const host = `127.0.0.1:${await freePort()}`;
  const storage = join(directory, 'storage');
  await mkdir(storage);
  const config = join(directory, 'config.yml');
  const passwords = join(directory, 'htpasswd');
  if (options.htpasswd !== undefined) await writeFile(passwords, `${options.htpasswd}\n`);
  await writeFile(config, configuration(host, storage, options.htpasswd === undefined ? undefined : passwords));

  const child = spawn('sh', ['-c', supervise, 'sh', config, directory], { stdio: ['pipe', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    log = (log + chunk).slice(-4000);
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = async () => {
    child.stdin.end();
    await ended;
  };
  if (!(await isAnswering(host))) {
    await stop();
    throw new Error(`docker-registry does not answer at ${host}:\n${log}`);
  }
  return { host, storage, [Symbol.asyncDispose]: stop };
}

// The registry lives as long as the pipe to us, so that it ends even where we are killed.
const supervise = 'docker-registry serve "$1" & cat; kill -9 $!; wait; rm -rf "$2"';

function configuration(host: string, storage: string, passwords: string | undefined): string {
  const auth =
    passwords === undefined ? '' : `auth: { htpasswd: { realm: test, path: ${JSON.stringify(passwords)} } }\n`;
  return `version: 0.1
log: { level: error, accesslog: { disabled: true } }
storage: { filesystem: { rootdirectory: ${JSON.stringify(storage)} }, delete: { enabled: true } }
http: { addr: "${host}" }
${auth}`;
}

async function isAnswering(host: string): Promise<boolean> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const response = await fetch(`http://${host}/v2/`).catch(() => undefined);
    await response?.body?.cancel();
    if (response) return true;
    await setTimeout(50);
  }
  return false;
}
