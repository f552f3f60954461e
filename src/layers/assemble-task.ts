import type { RunInThread } from '../threads/thread.ts';
import { type AssembledBlob, type AssembleTask, assembleLayer } from './assemble-layer.ts';
import type { AskedDirectory, BaseSurvey } from './base-survey.ts';

/** Makes one layer in a thread; asks the main thread about the base. */
export const runInThread: RunInThread<AssembleTask, AssembledBlob, BaseSurvey, readonly AskedDirectory[]> = (
  task,
  talk,
) =>
  assembleLayer(task, (asked) => {
    talk.say(asked);
    return talk.next();
  });
