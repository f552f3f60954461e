import { readEventStream, type StreamEvent } from '../../api/event-stream.ts';
import { isBuilderError } from '../../errors.ts';
import { client } from './client.ts';

export interface FollowOptions {
  /** Of the server: `/api/v1/events`. */
  readonly path: string;
  /** The event to go on after. */
  readonly lastEventId?: string | undefined;
  readonly signal: AbortSignal;
  /** Gives true when nothing more will come. */
  readonly onEvent: (event: StreamEvent) => boolean | undefined;
  /** The stream has broken, and is there again. */
  readonly onLive?: (isLive: boolean) => void;
}

const firstDelayMs = 500;
const longestDelayMs = 15_000;

/**
 * Follows a stream of events until it has no more, comes back by itself when it breaks, and goes on where it was. A hidden tab follows
 * nothing: a browser opens but six connections to a server, for all its tabs. Throws what coming back cannot mend.
 */
export async function followEvents({ path, lastEventId, signal, onEvent, onLive }: FollowOptions): Promise<void> {
  let id = lastEventId;
  let delayMs = firstDelayMs;
  let failures = 0;
  while (!signal.aborted) {
    await untilVisible(signal);
    const hidden = abortWhenHidden();
    try {
      const headers = { accept: 'text/event-stream', ...(id !== undefined && { 'last-event-id': id }) };
      const response = await client.open(path, { headers, signal: AbortSignal.any([signal, hidden.signal]) });
      failures = 0;
      onLive?.(true);
      for await (const event of readEventStream(chunksOf(response.body!))) {
        delayMs = firstDelayMs;
        if (event.id !== '') id = event.id;
        if (onEvent(event)) return;
      }
    } catch (error) {
      if (isBuilderError(error, 'unauthorized', 'forbidden', 'not-found', 'request-invalid')) throw error;
    } finally {
      hidden.dispose();
    }
    if (signal.aborted || document.hidden) continue;
    failures += 1;
    // A stream that ends is normal, and comes back at once; one that does not come back is lost.
    if (failures > 1) onLive?.(false);
    await pause(delayMs, signal);
    delayMs = Math.min(delayMs * 2, longestDelayMs);
  }
}

/** Not every browser's streams can be iterated. */
async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** Long enough that a glance at another tab interrupts nothing. */
const hiddenMs = 20_000;

function abortWhenHidden() {
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const onChange = () => {
    clearTimeout(timer);
    if (document.hidden) timer = setTimeout(() => controller.abort(), hiddenMs);
  };
  document.addEventListener('visibilitychange', onChange);
  return {
    signal: controller.signal,
    dispose() {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onChange);
    },
  };
}

function untilVisible(signal: AbortSignal): Promise<void> {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => {
    const look = () => {
      if (document.hidden && !signal.aborted) return;
      document.removeEventListener('visibilitychange', look);
      resolve();
    };
    document.addEventListener('visibilitychange', look);
    signal.addEventListener('abort', look, { once: true });
  });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
