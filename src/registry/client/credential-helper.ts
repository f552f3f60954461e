import { spawn } from 'node:child_process';
import { BuilderError } from '../../errors.ts';
import { isObject } from '../../oci/manifest.ts';
import { dockerHub } from '../../oci/reference.ts';
import { say } from '../../sentence.ts';
import type { Credential } from './credentials.ts';

const timeoutMs = 30_000;
const maxOutputBytes = 1024 * 1024;

/**
 * Asks `docker-credential-<name> get` for a registry's credentials, by docker's protocol: the host on its input, JSON on its output;
 * `undefined` when it has none. Throws `command-invalid` for a name that is none, `tool-missing`, `unauthorized` when it fails.
 */
export async function askCredentialHelper(
  name: string,
  registry: string,
  env: NodeJS.ProcessEnv,
): Promise<Credential | undefined> {
  if (!/^[A-Za-z0-9._-]+$/.test(name)) {
    throw new BuilderError('command-invalid', say`A credential helper has a name that is not allowed`, {
      hint: say`In the file of credentials, credsStore and credHelpers name helpers by letters, digits, ".", "_" and "-".`,
    });
  }
  const command = `docker-credential-${name}`;
  const { exitCode, output } = await run(
    command,
    registry === dockerHub ? 'https://index.docker.io/v1/' : registry,
    env,
  );
  if (exitCode === 0) return readCredential(output, command);
  if (/credentials not found/i.test(output)) return undefined;
  throw failure(
    command,
    exitCode === null ? `did not answer within ${timeoutMs / 1000} s` : `failed (exit code ${exitCode})`,
  );
}

/** Runs without a shell; `exitCode` is null for a helper that had to be stopped. */
function run(command: string, input: string, env: NodeJS.ProcessEnv) {
  const { promise, resolve, reject } = Promise.withResolvers<{ exitCode: number | null; output: string }>();
  const child = spawn(command, ['get'], {
    env,
    stdio: ['pipe', 'pipe', 'ignore'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    sizeBytes += chunk.length;
    if (sizeBytes > maxOutputBytes) child.kill('SIGKILL');
    else chunks.push(chunk);
  });
  child.on('error', (error: NodeJS.ErrnoException) => reject(error.code === 'ENOENT' ? missing(command) : error));
  child.on('close', (exitCode) => resolve({ exitCode, output: Buffer.concat(chunks).toString() }));
  child.stdin.on('error', () => {}); // A helper may end without reading; what it says then tells why.
  child.stdin.end(input);
  return promise;
}

/** The user name that marks the secret as an identity token. */
const tokenUser = '<token>';

function readCredential(output: string, command: string): Credential | undefined {
  let json: unknown;
  try {
    json = JSON.parse(output);
  } catch {
    throw failure(command, say`answered with something that is not JSON`); // Without the cause, which quotes the secret.
  }
  if (!isObject(json) || typeof json.Username !== 'string' || typeof json.Secret !== 'string') {
    throw failure(command, say`answered without Username and Secret`);
  }
  const { Username: username, Secret: secret } = json;
  if (secret === '') return undefined;
  return username === tokenUser
    ? { kind: 'identity-token', token: secret }
    : { kind: 'password', username, password: secret };
}

function missing(command: string): BuilderError {
  return new BuilderError('tool-missing', say`The credential helper ${command} is not installed`, {
    hint: say`Install it, or take credsStore and credHelpers out of the file of credentials.`,
  });
}

function failure(command: string, what: string): BuilderError {
  return new BuilderError('unauthorized', say`The credential helper ${command} ${what}`, {
    hint: say`Try it by hand: echo <registry> | ${command} get`,
  });
}
