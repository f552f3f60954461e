import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { BuilderError, isBuilderError } from '../errors.ts';
import { say } from '../sentence.ts';
import { fromPlainError } from './plain-error.ts';
import type { FromThread, ToThread } from './thread-messages.ts';

/** What a job is told while it works. Buffers that are named go over instead of being copied. */
export type Tell<Told> = (message: Told, transferred?: readonly ArrayBuffer[]) => void;

/** A piece of work for some thread. */
export interface ThreadJob<Told = never, Said = never> {
  /** URL of the module that does it: its `runInThread`, see thread.ts. */
  readonly module: string;
  readonly input: unknown;
  /** Bytes of what it works on. Larger ones are begun first, so that the last to end is a small one; of equal ones those that came first. */
  readonly weight: number;
  readonly signal: AbortSignal;
  /** Called when a thread begins with it; gives what is called with each message of the thread. What it throws ends the job. */
  converse?(tell: Tell<Told>): (said: Said) => void;
}

/** Threads that are started when first needed, kept some minutes for the next job, and never keep the process alive while idle. */
export interface ThreadPool extends AsyncDisposable {
  /** Sees to it that a thread is there soon, with modules that it will want: each takes a tenth of a second to be ready. */
  warm(modules: readonly string[]): void;
  /** Throws what the job threw, `cancelled` when the signal fires; a plain error when the thread died. */
  run<Result, Told, Said>(job: ThreadJob<Told, Said>): Promise<Result>;
}

type AnyJob = ThreadJob<unknown, never>;

interface Waiting {
  readonly job: AnyJob;
  readonly start: (thread: Worker) => void;
  readonly refuse: (reason: Error) => void;
}

// A floor under the design, which streams: what is beyond this is our bug and should end the thread, not the machine.
const resourceLimits = { maxOldGenerationSizeMb: 1024 };

/**
 * What is done elsewhere in the time that a thread takes to start and half of it again, in bytes of packages: with less to do, those that
 * are there are done sooner without another.
 */
const worthOfThread = 6e6;
/** What each job takes besides, in the same measure. */
const worthOfJob = 0.3e6;

/** Each thread takes some 80 MB. What unpacks and packs runs beside them, so three keep more processors than that at work. */
function usualThreads(): number {
  return Math.min(availableParallelism(), 3);
}

/** What a thread has learned makes the next job quicker; what it holds is for others after so long. */
const usualIdleMs = 10 * 60_000;

export interface ThreadPoolOptions {
  /** How long a thread waits for another job; ten minutes unless told. */
  readonly idleMs?: number;
}

/** Makes a pool that has no thread yet, and will have `most` of them; one a processor, but no more than three, unless told. */
export function createThreadPool(most = usualThreads(), { idleMs = usualIdleMs }: ThreadPoolOptions = {}): ThreadPool {
  /** Each with what ends it; who began to rest last comes last. */
  const idle = new Map<Worker, NodeJS.Timeout>();
  const all = new Set<Worker>();
  const waiting: Waiting[] = [];
  const running = new Set<AnyJob>();
  const wanted = new Set<string>();
  let disposed = false;

  function startThread(): void {
    const thread = new Worker(new URL(`./thread${extname(import.meta.url)}`, import.meta.url), {
      execArgv: [],
      workerData: { modules: [...wanted] },
      resourceLimits,
    });
    thread.unref();
    // Whoever uses the thread hears of its death by 'exit'; without a listener an 'error' would end the process.
    thread.on('error', () => {});
    thread.once('exit', () => forget(thread));
    all.add(thread);
    rest(thread);
  }

  function rest(thread: Worker): void {
    idle.set(thread, setTimeout(() => end(thread), idleMs).unref());
  }

  /** The one that rests for the shortest time, so that those too many come to their end. */
  function wake(): Worker | undefined {
    const thread = [...idle.keys()].at(-1);
    if (thread !== undefined) leave(thread);
    return thread;
  }

  function leave(thread: Worker): void {
    clearTimeout(idle.get(thread));
    idle.delete(thread);
  }

  function end(thread: Worker): void {
    forget(thread);
    void thread.terminate();
  }

  function forget(thread: Worker): void {
    all.delete(thread);
    leave(thread);
    dispatch();
  }

  function dispatch(): void {
    while (waiting.length > 0 && !disposed) {
      if (idle.size === 0 && isWorthAnother()) startThread();
      const thread = wake();
      if (thread === undefined) return;
      waiting.sort((a, b) => b.job.weight - a.job.weight);
      const next = waiting.shift()!;
      running.add(next.job);
      next.start(thread);
    }
    // Where there will be more to do, the next thread gets ready while the others work.
    if (running.size > 0 && wanted.size > 0 && idle.size === 0 && isWorthAnother() && !disposed) startThread();
  }

  function isWorthAnother(): boolean {
    if (all.size === 0 || all.size >= most) return all.size < most;
    const jobs = [...running, ...waiting.map(({ job }) => job)];
    return jobs.reduce((sum, { weight }) => sum + weight + worthOfJob, 0) > worthOfThread;
  }

  return {
    warm(modules) {
      const news = modules.filter((module) => !wanted.has(module));
      for (const module of news) wanted.add(module);
      if (disposed) return;
      if (news.length > 0) for (const thread of all) thread.postMessage({ type: 'load', modules: news } as ToThread);
      if (idle.size === 0 && isWorthAnother()) startThread();
    },
    async run<Result, Told, Said>(job: ThreadJob<Told, Said>) {
      const thread = await waitForThread(job);
      try {
        return (await runOn(thread, job, () => end(thread))) as Result;
      } finally {
        thread.unref();
        running.delete(job);
        if (all.has(thread)) rest(thread);
        dispatch();
      }
    },
    async [Symbol.asyncDispose]() {
      disposed = true;
      for (const { refuse } of waiting.splice(0)) refuse(new Error('the threads have ended'));
      await Promise.all([...all].map((thread) => thread.terminate()));
    },
  };

  function waitForThread(job: AnyJob): Promise<Worker> {
    const { promise, resolve, reject } = Promise.withResolvers<Worker>();
    const entry: Waiting = { job, start: resolve, refuse: reject };
    const cancel = () => {
      const at = waiting.indexOf(entry);
      if (at >= 0) waiting.splice(at, 1);
      reject(cancelled(job.signal));
    };
    if (disposed) reject(new Error('the threads have ended'));
    else if (job.signal.aborted) cancel();
    else {
      job.signal.addEventListener('abort', cancel, { once: true });
      waiting.push(entry);
      dispatch();
    }
    return promise.finally(() => job.signal.removeEventListener('abort', cancel));
  }
}

/** One job on one thread, until it is done, fails, dies or is cancelled. `end` ends the thread: what it does cannot be stopped otherwise. */
async function runOn(thread: Worker, job: AnyJob, end: () => void): Promise<unknown> {
  const { signal, module, input } = job;
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  let isOver = false;
  const tell = (message: ToThread, transferred: readonly ArrayBuffer[] = []) => {
    if (!isOver) thread.postMessage(message, transferred);
  };
  const giveUp = (error: unknown) => {
    reject(error);
    end();
  };
  /** What a bug, or a panic of what is compiled, leaves in a thread, nobody knows. */
  const fail = (error: Error) => (isBuilderError(error) ? reject(error) : giveUp(error));
  let hear: (said: never) => void = () => {};
  const listeners = {
    message(message: FromThread) {
      if (message.type === 'done') return resolve(message.result);
      if (message.type === 'failed') return fail(fromPlainError(message.error));
      try {
        hear(message.message as never);
      } catch (error) {
        giveUp(error);
      }
    },
    error: (error: unknown) => reject(new Error(`a thread failed: ${String(error)}`, { cause: error })),
    exit: (code: number) => reject(new Error(`a thread ended with ${code} in the middle of its work`)),
  };
  const cancel = () => giveUp(cancelled(signal));
  thread.ref();
  for (const [event, listener] of Object.entries(listeners)) thread.on(event, listener);
  signal.addEventListener('abort', cancel, { once: true });
  try {
    tell({ type: 'begin', module, input });
    const talk = job.converse?.((message, transferred) => tell({ type: 'told', message }, transferred));
    if (talk !== undefined) hear = talk;
    if (signal.aborted) cancel();
    return await promise;
  } finally {
    isOver = true;
    signal.removeEventListener('abort', cancel);
    for (const [event, listener] of Object.entries(listeners)) thread.off(event, listener);
  }
}

function cancelled(signal: AbortSignal): BuilderError {
  return new BuilderError('cancelled', say`The work was cancelled`, { cause: signal.reason });
}
