import type { ApiClient } from '../api/create-client.ts';
import { readEventStream } from '../api/event-stream.ts';
import { BuilderError, isBuilderError } from '../errors.ts';
import { type Sleep, sleep } from '../http/retry.ts';
import { say } from '../sentence.ts';

export interface FollowOptions {
  /** Byte of the log to begin at. */
  readonly from: number;
  readonly signal: AbortSignal;
  /** Hears once that the connection was lost and that the log will go on. */
  readonly onDrop: () => void;
  readonly sleep?: Sleep;
  /** The server sends a sign of life every 15 s; a connection that is silent for so long is dead. */
  readonly silenceMs?: number;
  /** Tries in a row before it is given up, some minutes' worth unless told. */
  readonly maxTries?: number;
}

const firstDelayMs = 500;
const longestDelayMs = 15_000;
const defaultSilenceMs = 60_000;
const defaultMaxTries = 45;

/**
 * The lines of a job's log as they come, until the job has ended. A lost connection is made anew where the last line ended. Throws
 * what the server answers, and `server-unavailable` when it stays away.
 */
export async function* followJobLog(
  client: ApiClient,
  jobId: string,
  options: FollowOptions,
): AsyncGenerator<readonly string[], void, void> {
  const { signal, onDrop, sleep: pause = sleep, maxTries = defaultMaxTries } = options;
  let from = options.from;
  let tries = 0;
  let hasTold = false;
  for (;;) {
    let cause: unknown = lost('it was closed early');
    try {
      for await (const event of connect(client, jobId, { ...options, from })) {
        if (event === 'end') return;
        tries = 0;
        from = event.to;
        yield event.lines;
      }
    } catch (error) {
      if (signal.aborted || !mayPass(error)) throw error;
      cause = error;
    }
    if (tries >= maxTries) throw cause;
    if (!hasTold) onDrop();
    hasTold = true;
    // A random half is taken off, so that all who follow do not come back together.
    await pause(Math.min(firstDelayMs * 2 ** tries, longestDelayMs) * (1 - Math.random() / 2), signal);
    tries += 1;
  }
}

interface LogLines {
  readonly lines: readonly string[];
  /** Byte after these lines. */
  readonly to: number;
}

/** What one connection gives; it ends without `end` when the server closes it early. */
async function* connect(
  client: ApiClient,
  jobId: string,
  { from, signal, silenceMs = defaultSilenceMs }: FollowOptions,
): AsyncGenerator<LogLines | 'end', void, void> {
  const silent = new AbortController();
  const watch = setTimeout(() => silent.abort(lost('it is silent')), silenceMs);
  try {
    const response = await client.open(`/api/v1/jobs/${encodeURIComponent(jobId)}/events`, {
      headers: { accept: 'text/event-stream', 'last-event-id': String(from) },
      signal: AbortSignal.any([signal, silent.signal]),
    });
    let seen = from;
    for await (const { type, id, data } of readEventStream(heard(response.body!, () => watch.refresh()))) {
      if (type === 'end') return yield 'end';
      if (type !== 'lines') continue;
      const to = Number(id);
      // A server that begins anew where it was told to go on would have every line come twice.
      if (to <= seen) continue;
      seen = to;
      yield { lines: JSON.parse(data), to };
    }
  } catch (error) {
    throw silent.signal.aborted ? silent.signal.reason : error;
  } finally {
    clearTimeout(watch);
  }
}

async function* heard(body: ReadableStream<Uint8Array>, onChunk: () => void): AsyncGenerator<Uint8Array, void, void> {
  for await (const chunk of body) {
    onChunk();
    yield chunk;
  }
}

function lost(why: string): BuilderError {
  return new BuilderError('server-unavailable', say`The connection to the server was lost: ${why}`);
}

/** What is not a refusal: the server is away, or something between here and there is. */
function mayPass(error: unknown): boolean {
  return isBuilderError(
    error,
    'server-unavailable',
    'server-error',
    'registry-unavailable',
    'database-unavailable',
    'too-many-requests',
  );
}
