import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { toPlainError } from '../threads/plain-error.ts';
import { type AssembleTask, assembleLayer } from './assemble-layer.ts';
import type { AskedDirectory, BaseSurvey } from './base-survey.ts';
import type { FromWorker, ToWorker } from './thread-messages.ts';

// The worker thread's program. While it assembles, its port does not keep the thread alive: should the work ever wait for
// something that cannot come, the thread ends, and the main thread hears that, instead of waiting too.
const port = parentPort!;

async function next(): Promise<ToWorker> {
  port.ref();
  const [message] = (await once(port, 'message')) as [ToWorker];
  port.unref();
  return message;
}

function tell(message: FromWorker): void {
  port.postMessage(message);
}

async function askBase(asked: readonly AskedDirectory[]): Promise<BaseSurvey> {
  tell({ type: 'ask', asked });
  const answer = await next();
  if (answer.type !== 'answer') throw new Error(`expected an answer, got "${answer.type}"`);
  return answer.survey;
}

async function work(task: AssembleTask): Promise<void> {
  try {
    tell({ type: 'done', blob: await assembleLayer(task, askBase) });
  } catch (error) {
    tell({ type: 'failed', error: toPlainError(error) });
  }
}

const { modules } = workerData as { readonly modules: readonly string[] };
for (const module of modules) await import(module);

for (;;) {
  const message = await next();
  if (message.type === 'assemble') await work(message.task);
}
