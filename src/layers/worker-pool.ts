import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { BuilderError } from '../errors.ts';
import { fromPlainError } from '../threads/plain-error.ts';
import type { AssembledBlob, AssembleTask } from './assemble-layer.ts';
import type { AskedDirectory, BaseSurvey } from './base-survey.ts';
import type { FromWorker, ToWorker } from './thread-messages.ts';

/** One layer to assemble in some worker thread. */
export interface PoolJob {
  readonly task: AssembleTask;
  /** Bytes of what it is made from. Larger ones are begun first, so that the last to end is a small one. */
  readonly weight: number;
  readonly signal: AbortSignal;
  /** Answers the worker's question about the base; called at most once. */
  survey(asked: readonly AskedDirectory[]): BaseSurvey;
}

/** Worker threads that are started when first needed, kept for the next job, and never keep the process alive while idle. */
export interface WorkerPool extends AsyncDisposable {
  /** Sees to it that a thread is there soon: each takes a tenth of a second to be ready. */
  warm(): void;
  /** Throws what the worker threw, `cancelled` when the signal fires; a plain error when the thread died. */
  run(job: PoolJob): Promise<AssembledBlob>;
}

interface Waiting {
  readonly job: PoolJob;
  readonly start: (worker: Worker) => void;
  readonly refuse: (reason: Error) => void;
}

// A floor under the design, which streams: what is beyond this is our bug and should end the thread, not the machine.
const resourceLimits = { maxOldGenerationSizeMb: 512 };

export interface WorkerPoolOptions {
  /** Threads at most. */
  readonly threads: number;
  /** URLs of modules that each thread loads as it starts, since its first work will want them. */
  readonly modules?: readonly string[];
}

/**
 * What is done elsewhere in the time that a thread takes to start and half of it again, in bytes of packages: with less to do, those that
 * are there are done sooner without another.
 */
const worthOfThread = 6e6;
/** What each job takes besides, in the same measure. */
const worthOfJob = 0.3e6;

/** Makes a pool that has no thread yet. */
export function createWorkerPool({ threads, modules = [] }: WorkerPoolOptions): WorkerPool {
  const idle: Worker[] = [];
  const all = new Set<Worker>();
  const waiting: Waiting[] = [];
  const running = new Set<PoolJob>();
  let disposed = false;

  function startWorker(): void {
    const worker = new Worker(new URL(`./assemble-worker${extname(import.meta.url)}`, import.meta.url), {
      execArgv: [],
      workerData: { modules },
      resourceLimits,
    });
    worker.unref();
    // Whoever uses the worker hears of its death by 'exit'; without a listener an 'error' would end the process.
    worker.on('error', () => {});
    worker.once('exit', () => forget(worker));
    all.add(worker);
    idle.push(worker);
  }

  function forget(worker: Worker): void {
    all.delete(worker);
    const at = idle.indexOf(worker);
    if (at >= 0) idle.splice(at, 1);
    dispatch();
  }

  function dispatch(): void {
    while (waiting.length > 0 && !disposed) {
      if (idle.length === 0 && all.size < threads && isWorthAnother()) startWorker();
      const worker = idle.pop();
      if (worker === undefined) return;
      waiting.sort((a, b) => a.job.weight - b.job.weight);
      const next = waiting.pop()!;
      running.add(next.job);
      next.start(worker);
    }
  }

  function isWorthAnother(): boolean {
    const jobs = [...running, ...waiting.map(({ job }) => job)];
    return all.size === 0 || jobs.reduce((sum, { weight }) => sum + weight + worthOfJob, 0) > worthOfThread;
  }

  return {
    warm() {
      if (!disposed && all.size === 0) startWorker();
    },
    async run(job) {
      const worker = await waitForWorker(job);
      try {
        return await runOn(worker, job, () => {
          forget(worker);
          void worker.terminate();
        });
      } finally {
        worker.unref();
        running.delete(job);
        if (all.has(worker)) idle.push(worker);
        dispatch();
      }
    },
    async [Symbol.asyncDispose]() {
      disposed = true;
      for (const { refuse } of waiting.splice(0)) refuse(new Error('the worker pool has ended'));
      await Promise.all([...all].map((worker) => worker.terminate()));
    },
  };

  function waitForWorker(job: PoolJob): Promise<Worker> {
    const { promise, resolve, reject } = Promise.withResolvers<Worker>();
    const entry: Waiting = { job, start: resolve, refuse: reject };
    const cancel = () => {
      const at = waiting.indexOf(entry);
      if (at >= 0) waiting.splice(at, 1);
      reject(cancelled(job.signal));
    };
    if (disposed) reject(new Error('the worker pool has ended'));
    else if (job.signal.aborted) cancel();
    else {
      job.signal.addEventListener('abort', cancel, { once: true });
      waiting.push(entry);
      dispatch();
    }
    return promise.finally(() => job.signal.removeEventListener('abort', cancel));
  }
}

/** One job on one worker, until it is done, fails, dies or is cancelled. `end` ends the worker: what it does cannot be stopped otherwise. */
async function runOn(worker: Worker, { task, signal, survey }: PoolJob, end: () => void): Promise<AssembledBlob> {
  const { promise, resolve, reject } = Promise.withResolvers<AssembledBlob>();
  const tell = (message: ToWorker) => worker.postMessage(message);
  const listeners = {
    message(message: FromWorker) {
      if (message.type === 'done') resolve(message.blob);
      else if (message.type === 'failed') reject(fromPlainError(message.error));
      else answer(message.asked);
    },
    error: (error: unknown) => reject(new Error(`a worker thread failed: ${String(error)}`, { cause: error })),
    exit: (code: number) => reject(new Error(`a worker thread ended with ${code} in the middle of its work`)),
  };
  const answer = (asked: readonly AskedDirectory[]) => {
    try {
      tell({ type: 'answer', survey: survey(asked) });
    } catch (error) {
      reject(error);
      end();
    }
  };
  const cancel = () => {
    reject(cancelled(signal));
    end();
  };
  worker.ref();
  for (const [event, listener] of Object.entries(listeners)) worker.on(event, listener);
  signal.addEventListener('abort', cancel, { once: true });
  try {
    tell({ type: 'assemble', task });
    if (signal.aborted) cancel();
    return await promise;
  } finally {
    signal.removeEventListener('abort', cancel);
    for (const [event, listener] of Object.entries(listeners)) worker.off(event, listener);
  }
}

function cancelled(signal: AbortSignal): BuilderError {
  return new BuilderError('cancelled', 'The build was cancelled', { cause: signal.reason });
}
