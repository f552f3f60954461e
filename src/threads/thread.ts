import { parentPort, workerData } from 'node:worker_threads';
import { toPlainError } from './plain-error.ts';
import type { FromThread, ToThread } from './thread-messages.ts';

// The program of a thread of the pool. While it works, its port does not keep it alive: should the work ever wait for something that
// cannot come, the thread ends, and the main thread hears that, instead of waiting too.

/** What a job talks with while it works: the main thread. */
export interface Talk<Told, Said> {
  say(message: Said): void;
  /** What is told next. */
  next(): Promise<Told>;
}

/** What the module of a job exports as `runInThread`. Input, answer and messages are copied on their way (structured clone). */
export type RunInThread<Input, Result, Told = never, Said = never> = (
  input: Input,
  talk: Talk<Told, Said>,
) => Promise<Result>;

const port = parentPort!;
const tell = (message: FromThread) => port.postMessage(message);

const waiting: Extract<ToThread, { type: 'begin' | 'told' }>[] = [];
let wake: (() => void) | undefined;

port.on('message', (message: ToThread) => {
  if (message.type === 'load') return load(message.modules);
  waiting.push(message);
  wake?.();
});

/** Ahead of the job that will want them; one that cannot be loaded is told of by that job. */
function load(modules: readonly string[]): void {
  for (const module of modules) import(module).catch(() => {});
}

async function nextMessage() {
  port.ref();
  while (waiting.length === 0) await new Promise<void>((resolve) => (wake = resolve));
  port.unref();
  return waiting.shift()!;
}

const talk: Talk<unknown, unknown> = {
  say: (message) => tell({ type: 'said', message }),
  async next() {
    const message = await nextMessage();
    if (message.type !== 'told') throw new Error('another job begins in the middle of one');
    return message.message;
  },
};

async function work(module: string, input: unknown): Promise<void> {
  try {
    const { runInThread } = (await import(module)) as { runInThread: RunInThread<unknown, unknown, unknown, unknown> };
    tell({ type: 'done', result: await runInThread(input, talk) });
  } catch (error) {
    tell({ type: 'failed', error: toPlainError(error) });
  }
}

load((workerData as { readonly modules: readonly string[] }).modules);
for (;;) {
  const message = await nextMessage();
  // What is told to a job that has failed meanwhile is for nobody.
  if (message.type === 'begin') await work(message.module, message.input);
}
