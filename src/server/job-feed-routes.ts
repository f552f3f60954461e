import type { Hono } from 'hono';
import type { JobFeed, ToldChange } from './job-feed.ts';
import { isAllowed } from './rights.ts';
import type { ApiEnv } from './serve-endpoint.ts';

export interface JobFeedRoutesContext {
  readonly feed: JobFeed;
  /** Fires when the server closes: who listens comes back then. */
  readonly closing: AbortSignal;
}

const pingMs = 15_000;
/** Rights and sessions end: who listens has to come back and show who they are now and then. */
const longestMs = 10 * 60_000;

/** `GET /events`: how jobs change, see `JobChange`. A client that reads slowly gets only the latest of each job. */
export function jobFeedRoutes(app: Hono<ApiEnv>, { feed, closing }: JobFeedRoutesContext): void {
  app.get('/events', (c) => {
    const actor = c.get('actor');
    const sees = ({ image }: ToldChange) => isAllowed(actor, 'job.view', image);
    const lastSeen = c.req.header('last-event-id');
    const missed = lastSeen === undefined ? undefined : feed.since(lastSeen);
    const signal = AbortSignal.any([c.req.raw.signal, closing, AbortSignal.timeout(longestMs)]);
    c.header('content-type', 'text/event-stream; charset=utf-8');
    c.header('cache-control', 'no-store');
    // nginx would hold events back.
    c.header('x-accel-buffering', 'no');
    return c.body(changeStream(feed, { sees, missed, signal }));
  });
}

interface ChangeStreamOptions {
  readonly sees: (told: ToldChange) => boolean;
  /** What has changed since the client was here; `undefined` when that is not known. */
  readonly missed: readonly ToldChange[] | undefined;
  readonly signal: AbortSignal;
}

function changeStream(feed: JobFeed, { sees, missed, signal }: ChangeStreamOptions): ReadableStream<Uint8Array> {
  const waiting = new Map<string, ToldChange>();
  let wake = Promise.withResolvers<void>();
  const add = (told: ToldChange) => {
    if (!sees(told)) return;
    // The latest at the end, so that the last id that was sent covers all before it.
    waiting.delete(told.change.id);
    waiting.set(told.change.id, told);
    wake.resolve();
  };
  const unsubscribe = feed.subscribe(add);
  const end = () => {
    unsubscribe();
    wake.resolve();
  };
  signal.addEventListener('abort', end, { once: true });
  for (const told of missed ?? []) add(told);
  let begin = missed === undefined ? `event: reset\nid: ${feed.lastEventId()}\ndata: {}\n\n` : ': welcome back\n\n';
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (begin !== '') {
          controller.enqueue(encode(`retry: 1000\n\n${begin}`));
          begin = '';
          return;
        }
        if (waiting.size === 0 && !signal.aborted) await withinPing(wake.promise);
        if (signal.aborted) return controller.close();
        const [next] = waiting.values();
        if (next === undefined) {
          wake = Promise.withResolvers();
          return controller.enqueue(encode(': ping\n\n'));
        }
        waiting.delete(next.change.id);
        if (waiting.size === 0) wake = Promise.withResolvers();
        controller.enqueue(encode(`event: job\nid: ${next.eventId}\ndata: ${JSON.stringify(next.change)}\n\n`));
      },
      cancel: end,
    },
    { highWaterMark: 0 },
  );
}

async function withinPing(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const ping = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, pingMs);
  });
  await Promise.race([work, ping]);
  clearTimeout(timer);
}

const encode = (text: string) => new TextEncoder().encode(text);
