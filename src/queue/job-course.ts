import type { BuildEvent } from '../build/build-event.ts';
import { say } from '../sentence.ts';
import type { JobUpdate } from '../store/job-holds.ts';
import type { JobProgress, JobStep } from '../store/jobs.ts';

/** Follows what a build tells, for the row of its job: state, times of the steps, how far it is. */
export interface JobCourse {
  see(event: BuildEvent): void;
  readonly steps: readonly JobStep[];
  /** The step that is under way. */
  readonly step: string | undefined;
  /** What has changed since it was last taken. */
  takeUpdate(): JobUpdate;
}

export function createJobCourse(now: () => Date = () => new Date()): JobCourse {
  const steps: JobStep[] = [];
  let state: JobUpdate['state'];
  let progress: JobProgress | undefined;
  let update: JobUpdate = {};
  let layers = { done: 0, total: 0 };
  const set = (changed: JobUpdate) => {
    update = { ...update, ...changed };
  };
  const setProgress = (next: JobProgress) => {
    progress = next;
    set({ progress });
  };
  return {
    steps,
    get step() {
      return steps.find(({ seconds }) => seconds === undefined)?.step;
    },
    see(event) {
      switch (event.type) {
        case 'step': {
          if (event.state === 'started') steps.push({ step: event.step, startedAt: now().toISOString() });
          else steps[steps.length - 1] = { ...steps.at(-1)!, seconds: event.seconds };
          // Until it is known what will be laid down, a job prepares.
          const next = event.step === 'base' || event.step === 'lock' ? 'Preparing' : 'Running';
          set({ steps: [...steps], ...(next !== state && { state: next }) });
          state = next;
          if (event.state === 'started') setProgress({ step: event.step, message: event.step, done: 0, total: 0 });
          return;
        }
        case 'index':
          return setProgress({ step: 'lock', message: say`reading the base`, done: event.done, total: event.total });
        case 'working':
          return setProgress({ step: 'lock', message: event.message, done: 0, total: 0 });
        case 'planned':
          layers = { done: 0, total: event.layers.length };
          return setProgress({ step: 'assemble', message: say`layers`, ...layers });
        case 'layer':
          if (event.state !== 'present' && event.state !== 'mounted' && event.state !== 'pushed') return;
          layers = { ...layers, done: layers.done + 1 };
          return setProgress({ step: 'assemble', message: say`layers`, ...layers });
      }
    },
    takeUpdate() {
      const taken = update;
      update = {};
      return taken;
    },
  };
}
