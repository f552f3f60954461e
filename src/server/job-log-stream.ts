import { Readable } from 'node:stream';
import type { Context } from 'hono';
import { defaultTailLines, type JobLog, type JobLogQuery } from '../api/job-log.ts';
import { BuilderError } from '../errors.ts';
import { say } from '../sentence.ts';
import { type FollowOptions, followLog, type LogChunk } from '../store/logs/follow-log.ts';
import type { LogStore } from '../store/logs/log-store.ts';

const pingMs = 15_000;
const answerBytes = 1024 * 1024;

export interface JobLogSource {
  readonly store: LogStore;
  readonly jobId: string;
}

/** Answers `getJobLog`. */
export async function readJobLog(
  { store, jobId }: JobLogSource,
  { tail, from, isEnded }: JobLogQuery & { readonly isEnded: boolean },
): Promise<JobLog> {
  const part =
    from === undefined
      ? await store.tail(jobId, tail ?? defaultTailLines, { isEnded })
      : await store.read(jobId, { from, maxBytes: answerBytes, isEnded });
  return { lines: [...part.lines], from: part.from, to: part.to, isComplete: isEnded && part.isAtEnd };
}

export interface LogEventsOptions extends JobLogSource, Pick<FollowOptions, 'isEnded' | 'watchEnd'> {
  /** Ends the stream, as when the server closes; clients come back and go on where they were. */
  readonly signal?: AbortSignal;
}

/**
 * Answers with the log as Server-Sent Events, from the beginning, or from `Last-Event-ID` or the query's `from` on:
 *
 *     event: lines
 *     id: 5120                        byte after these lines
 *     data: ["one","two"]
 *
 * and, when the job has ended and all is sent, `event: end`. A client that reads slowly is sent no more than it takes. Throws
 * `request-invalid` when the place to begin is no number.
 */
export function answerLogEvents(c: Context, { store, jobId, isEnded, watchEnd, signal }: LogEventsOptions): Response {
  const from = placeToBegin(c);
  const gone = new AbortController();
  const ends = [c.req.raw.signal, gone.signal, ...(signal === undefined ? [] : [signal])];
  const chunks = followLog(store, jobId, { from, isEnded, watchEnd, signal: AbortSignal.any(ends) });
  c.header('content-type', 'text/event-stream; charset=utf-8');
  c.header('cache-control', 'no-store');
  // nginx would hold events back.
  c.header('x-accel-buffering', 'no');
  const hasGone = () => ends.some(({ aborted }) => aborted);
  const onCancel = () => {
    gone.abort();
    // Ends it where it waits to be asked for more, too.
    void chunks.return();
  };
  return c.body(eventStream(chunks, { from, hasGone, onCancel }));
}

/** What a client has seen last counts more than where it once began: a browser comes back to the same URL. */
function placeToBegin(c: Context): number {
  const text = c.req.header('last-event-id') ?? c.req.query('from') ?? '0';
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new BuilderError('request-invalid', say`The log cannot begin at ${JSON.stringify(text.slice(0, 40))}`, {
    hint: say`Give the id of the last event, or the "to" of an earlier answer: a count of bytes.`,
  });
}

interface EventStreamOptions {
  readonly from: number;
  /** The chunks have ended because nobody wants them, not because the job has. */
  readonly hasGone: () => boolean;
  readonly onCancel: () => void;
}

function eventStream(
  chunks: AsyncGenerator<LogChunk, void, void>,
  { from, hasGone, onCancel }: EventStreamOptions,
): ReadableStream<Uint8Array> {
  let offset = from;
  let next: Promise<IteratorResult<LogChunk, void>> | undefined;
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => controller.enqueue(encode('retry: 1000\n\n')),
      async pull(controller) {
        next ??= chunks.next();
        const result = await withinPing(next);
        if (result === undefined) return controller.enqueue(encode(': ping\n\n'));
        next = undefined;
        if (!result.done) {
          offset = result.value.offset;
          return controller.enqueue(linesEvent(result.value));
        }
        if (!hasGone()) controller.enqueue(encode(`event: end\nid: ${offset}\ndata: {}\n\n`));
        controller.close();
      },
      cancel: onCancel,
    },
    // Nothing is read ahead of the client.
    { highWaterMark: 0 },
  );
}

/** `undefined` when it is time for a sign of life. */
async function withinPing<T>(work: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const ping = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), pingMs);
  });
  try {
    return await Promise.race([work, ping]);
  } finally {
    clearTimeout(timer);
  }
}

const encode = (text: string) => new TextEncoder().encode(text);

/** Those who follow a job together get the same chunk: it is encoded once for all. */
const encodedChunks = new WeakMap<LogChunk, Uint8Array>();

function linesEvent(chunk: LogChunk): Uint8Array {
  const known = encodedChunks.get(chunk);
  if (known !== undefined) return known;
  const event = encode(`event: lines\nid: ${chunk.offset}\ndata: ${JSON.stringify(chunk.lines)}\n\n`);
  encodedChunks.set(chunk, event);
  return event;
}

/** Answers with the whole log, as far as it goes now, as a file to save; `filename`: `research-notebook-3.log`. */
export async function answerLogDownload(
  c: Context,
  { store, jobId, filename }: JobLogSource & { readonly filename: string },
): Promise<Response> {
  const { sizeBytes, content } = await store.stream(jobId);
  c.header('content-type', 'text/plain; charset=utf-8');
  c.header('content-length', String(sizeBytes));
  c.header('content-disposition', `attachment; filename="${filename.replaceAll(/[^\w.-]/g, '_')}"`);
  c.header('cache-control', 'no-store');
  if (c.req.method === 'HEAD') {
    content.destroy();
    return c.body(null);
  }
  return c.body(Readable.toWeb(content) as ReadableStream<Uint8Array>);
}
