import type { BuildEvent } from '../build/build-event.ts';
import type { ClaimedJob } from '../store/job-holds.ts';
import type { JobOutcome } from '../store/jobs.ts';

export interface RunContext {
  /** Fires when the job was cancelled, has taken too long, or is another worker's now. */
  readonly signal: AbortSignal;
  readonly onEvent: (event: BuildEvent) => void;
}

/** Port: where a job is built. */
export interface Runner {
  /** What must not stand in the log of that job. */
  secretsOf(job: ClaimedJob): Promise<readonly string[]>;
  /** Builds the job. Throws `BuilderError` for whatever a registry, an index, a package or the spec does wrong. */
  run(job: ClaimedJob, context: RunContext): Promise<JobOutcome>;
}
