import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { BuilderError } from '../../../errors.ts';
import { createTurns } from '../../../layers/turns.ts';
import { say } from '../../../sentence.ts';
import { fromPlainError, toPlainError } from '../../../threads/plain-error.ts';
import type { PackedRepodata } from '../repodata/repodata-index.ts';
import type { FetchShard } from '../repodata/shard-store.ts';
import type { FromSolver, ToSolver } from './solve-messages.ts';
import type { SolveAnswer, SolveTask } from './solve-task.ts';

/** A thread that indexes repodata and solves, one question at a time, beside what else the process does. It starts when first asked. */
export interface SolveThread extends Disposable {
  /** Sees to it that the thread is there soon: it takes a tenth of a second to be ready. */
  warm(): void;
  /** Throws `resolver-failed` when no answer is found in time, `registry-invalid-response` for broken repodata, `cancelled`. */
  solve(task: SolveTask, signal: AbortSignal): Promise<SolveAnswer>;
  /** As `indexRepodata`. */
  index(source: PackedRepodata, directory: string, signal: AbortSignal): Promise<void>;
}

export interface SolveThreadOptions {
  /** Fetches what the thread asks for. */
  readonly fetchShard: FetchShard;
  /** Longest time for one answer, 60 s unless told. */
  readonly timeoutMs?: number;
}

// Memory of WebAssembly is not counted here; what the records need is a fraction of this.
const resourceLimits = { maxOldGenerationSizeMb: 1024 };

export function createSolveThread({ fetchShard, timeoutMs = 60_000 }: SolveThreadOptions): SolveThread {
  let worker: Worker | undefined;
  let isDisposed = false;
  const turns = createTurns();
  const start = () => {
    const started = startWorker();
    // One that dies while nobody waits for it is not asked any more.
    started.once('exit', () => {
      if (worker === started) worker = undefined;
    });
    return started;
  };
  const end = () => {
    void worker?.terminate();
    worker = undefined;
  };
  const ask = (message: ToSolver, signal: AbortSignal) =>
    turns.take('thread', signal, async () => {
      if (isDisposed) throw new BuilderError('cancelled', say`solving has ended`);
      worker ??= start();
      const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      try {
        return await askWorker(worker, message, { fetchShard, signal: limit });
      } catch (error) {
        // A panic of the solver leaves its memory in no known state, and what takes too long cannot be stopped otherwise.
        end();
        if (signal.aborted) throw new BuilderError('cancelled', say`solving was cancelled`, { cause: signal.reason });
        if (!limit.aborted) throw error;
        throw new BuilderError('resolver-failed', say`The conda solver found no answer in ${timeoutMs / 1000} s`, {
          hint: say`Narrow the versions that the lines allow.`,
        });
      }
    });
  return {
    warm() {
      if (!isDisposed) worker ??= start();
    },
    async solve(task, signal) {
      return (await ask({ type: 'solve', task }, signal))!;
    },
    async index(source, directory, signal) {
      await ask({ type: 'index', source, directory }, signal);
    },
    [Symbol.dispose]() {
      isDisposed = true;
      end();
    },
  };
}

function startWorker(): Worker {
  const worker = new Worker(new URL(`./solve-worker${extname(import.meta.url)}`, import.meta.url), {
    execArgv: [],
    resourceLimits,
  });
  // Whoever asks hears of the thread's death by 'exit'; without a listener an 'error' would end the process.
  worker.on('error', () => {});
  worker.unref();
  return worker;
}

async function askWorker(
  worker: Worker,
  message: ToSolver,
  { fetchShard, signal }: { readonly fetchShard: FetchShard; readonly signal: AbortSignal },
): Promise<SolveAnswer | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<SolveAnswer | undefined>();
  const listeners = {
    message(said: FromSolver) {
      if (said.type === 'fetch') void fetchFor(worker, said, { fetchShard, signal });
      else if (said.type === 'done') resolve(said.answer);
      else reject(fromPlainError(said.error));
    },
    error: (error: unknown) => reject(new Error(`the solving thread failed: ${String(error)}`, { cause: error })),
    exit: (code: number) => reject(new Error(`the solving thread ended with ${code} in the middle of its work`)),
  };
  const cancel = () => reject(signal.reason);
  worker.ref();
  for (const [event, listener] of Object.entries(listeners)) worker.on(event, listener);
  signal.addEventListener('abort', cancel, { once: true });
  try {
    if (signal.aborted) cancel();
    else worker.postMessage(message);
    return await promise;
  } finally {
    signal.removeEventListener('abort', cancel);
    for (const [event, listener] of Object.entries(listeners)) worker.off(event, listener);
    worker.unref();
  }
}

async function fetchFor(
  worker: Worker,
  { id, wanted }: Extract<FromSolver, { type: 'fetch' }>,
  { fetchShard, signal }: { readonly fetchShard: FetchShard; readonly signal: AbortSignal },
): Promise<void> {
  const tell = (message: ToSolver) => worker.postMessage(message);
  try {
    tell({ type: 'fetched', id, file: await fetchShard(wanted, signal) });
  } catch (error) {
    tell({ type: 'fetched', id, error: toPlainError(error) });
  }
}
