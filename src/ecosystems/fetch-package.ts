import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BuilderError, isBuilderError } from '../errors.ts';
import { discardBody } from '../http/discard-body.ts';
import type { HttpClient, HttpResponse } from '../http/http-client.ts';
import { isLoopbackHost } from '../http/loopback.ts';
import { redactUrl } from '../http/redact-url.ts';
import { refuseFullDisk } from '../layers/full-disk.ts';
import type { PrepareOptions } from '../layers/layer-source.ts';
import { noteUse } from '../layers/note-use.ts';
import { type Sentence, say } from '../sentence.ts';

/** The value of `Authorization` for a URL, when it needs one: `Basic dXNlcjpwYXNz`. */
export type CredentialsFor = (url: URL) => string | undefined;

export interface FetchPackageOptions extends PrepareOptions {
  readonly http: HttpClient;
  readonly credentialsFor?: CredentialsFor;
}

/** A file to fetch, and how it is known to be the right one. */
export interface WantedPackage {
  /** What it is for people: `wheel black-24.1.0-py3-none-any.whl`. */
  readonly title: string;
  readonly url: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  /** True where the hash alone is trusted and plain HTTP may carry it, as Debian's mirrors do. */
  readonly plainHttp?: boolean;
}

/** Connections that may break in the middle before we give up; each goes on where the last one stopped. */
const maxAttempts = 5;

/**
 * Puts a package into the file unless it is there. Size and hash are verified while it comes; the file appears whole or not at all.
 * Throws `package-unavailable`, `content-mismatch`, `disk-full`, `cancelled`.
 */
export async function fetchPackage(wanted: WantedPackage, file: string, options: FetchPackageOptions): Promise<void> {
  if (await isThere(file, wanted.sizeBytes)) return noteUse(file);
  const url = allowedUrl(wanted);
  await mkdir(dirname(file), { recursive: true });
  const temporary = `${file}.${randomUUID()}.part`;
  const handle = await open(temporary, 'wx').catch(refuseFullDisk);
  try {
    await download(wanted, url, handle, options);
    await handle.close();
    await rename(temporary, file);
  } catch (error) {
    await handle.close();
    await rm(temporary, { force: true });
    throw error;
  }
}

async function download(
  wanted: WantedPackage,
  url: URL,
  handle: FileHandle,
  options: FetchPackageOptions,
): Promise<void> {
  const progress: Progress = { hasher: createHash('sha256'), sizeBytes: 0 };
  for (let attempt = 1; ; attempt++) {
    try {
      await receive(wanted, url, handle, progress, options);
      break;
    } catch (error) {
      // The connection broke: the bytes that came are good, or the hash will tell.
      if (!isBuilderError(error, 'registry-unavailable')) throw error;
      if (attempt === maxAttempts) throw unavailable(wanted, error.message, error);
    }
  }
  const sha256 = progress.hasher.digest('hex');
  if (progress.sizeBytes !== wanted.sizeBytes || sha256 !== wanted.sha256) {
    throw mismatch(wanted, `${progress.sizeBytes} bytes with sha256 ${sha256} came`);
  }
}

/** What has come so far. */
interface Progress {
  hasher: ReturnType<typeof createHash>;
  sizeBytes: number;
}

async function receive(
  wanted: WantedPackage,
  url: URL,
  handle: FileHandle,
  progress: Progress,
  { http, credentialsFor, signal, onBytes }: FetchPackageOptions,
): Promise<void> {
  const authorization = credentialsFor?.(url);
  const from = progress.sizeBytes;
  const headers = {
    // What is hashed are the file's own bytes.
    'accept-encoding': 'identity',
    ...(authorization !== undefined && { authorization }),
    ...(from > 0 && { range: `bytes=${from}-` }),
  };
  const response = await http.request({ url, signal, headers }).catch((error) => {
    // The client has tried again as often as makes sense.
    if (!isBuilderError(error, 'registry-unavailable')) throw error;
    throw unavailable(wanted, error.message, error);
  });
  checkAnswer(wanted, response);
  if (from > 0 && !continuesAt(response, from)) {
    progress.hasher = createHash('sha256');
    progress.sizeBytes = 0;
  }
  for await (const bytes of gathered(response.body)) {
    if (progress.sizeBytes + bytes.length > wanted.sizeBytes) throw mismatch(wanted, 'more bytes came');
    await writeAll(handle, bytes, progress.sizeBytes);
    progress.hasher.update(bytes);
    progress.sizeBytes += bytes.length;
    onBytes?.(bytes.length);
  }
}

/** A write for each of the 16 KiB records of TLS would cost more than all else of a download. */
const gatheredBytes = 512 * 1024;

/** The same bytes in larger pieces, each valid until the next is asked for; what came before a connection broke is given first. */
async function* gathered(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const piece = Buffer.allocUnsafeSlow(gatheredBytes);
  let filled = 0;
  try {
    for await (const chunk of body) {
      for (let at = 0; at < chunk.length; ) {
        const copied = chunk.copy(piece, filled, at);
        filled += copied;
        at += copied;
        if (filled < gatheredBytes) continue;
        yield piece;
        filled = 0;
      }
    }
  } catch (error) {
    if (filled > 0) yield piece.subarray(0, filled);
    throw error;
  }
  if (filled > 0) yield piece.subarray(0, filled);
}

function checkAnswer(wanted: WantedPackage, response: HttpResponse): void {
  const { status, url } = response;
  if ((status === 200 || status === 206) && isAllowed(url, wanted)) return;
  discardBody(response);
  if (!isAllowed(url, wanted)) throw unavailable(wanted, say`it leads to ${redactUrl(url)}, which is not https`);
  throw unavailable(wanted, say`${url.host} answers ${status}`);
}

/** True when a server gives the rest that was asked for; else it begins again. */
function continuesAt({ status, headers }: HttpResponse, from: number): boolean {
  return status === 206 && (headers['content-range'] ?? '').startsWith(`bytes ${from}-`);
}

async function writeAll(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    at += (await handle.write(bytes, at, bytes.length - at, position + at).catch(refuseFullDisk)).bytesWritten;
  }
}

async function isThere(file: string, sizeBytes: number): Promise<boolean> {
  try {
    return (await stat(file)).size === sizeBytes;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

function allowedUrl(wanted: WantedPackage): URL {
  const url = URL.canParse(wanted.url) ? new URL(wanted.url) : undefined;
  if (url !== undefined && isAllowed(url, wanted)) return url;
  throw unavailable(wanted, say`${redactUrl(wanted.url)} is no https URL`);
}

function isAllowed({ protocol, hostname }: URL, { plainHttp = false }: WantedPackage): boolean {
  return protocol === 'https:' || (protocol === 'http:' && (plainHttp || isLoopbackHost(hostname)));
}

function unavailable(wanted: WantedPackage, why: Sentence, cause?: unknown): BuilderError {
  return new BuilderError('package-unavailable', say`The ${wanted.title} cannot be fetched: ${why}`, {
    cause,
    hint: say`Check the package source and the network, or lock the spec again.`,
  });
}

function mismatch(wanted: WantedPackage, what: string): BuilderError {
  return new BuilderError(
    'content-mismatch',
    say`The ${wanted.title} is not the locked one: ${what}, not ${wanted.sizeBytes} bytes with sha256 ${wanted.sha256}`,
    { hint: say`The file at the index has changed or a proxy altered it. Lock the spec again if the change is meant.` },
  );
}
