import type { Hono } from 'hono';
import { getJobLog } from '../api/job-log.ts';
import { BuilderError } from '../errors.ts';
import { say } from '../sentence.ts';
import type { Database } from '../store/database.ts';
import type { JobChanges } from '../store/job-changes.ts';
import { endStates, findJobState } from '../store/jobs.ts';
import type { LogEnding } from '../store/logs/follow-log.ts';
import type { LogStore } from '../store/logs/log-store.ts';
import { answerLogDownload, answerLogEvents, readJobLog } from './job-log-stream.ts';
import { findJobFor } from './job-routes.ts';
import { type ApiEnv, serveEndpoint } from './serve-endpoint.ts';

export interface JobLogRoutesContext {
  readonly database: Database;
  readonly logs: LogStore;
  readonly jobChanges: JobChanges;
  /** Fires when the server closes: who follows a log comes back then. */
  readonly closing: AbortSignal;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Answers with the logs of jobs: a part, as they come, or whole. */
export function jobLogRoutes(app: Hono<ApiEnv>, { database, logs, jobChanges, closing }: JobLogRoutesContext): void {
  const jobFor = (actor: ApiEnv['Variables']['actor'], id: string) => {
    if (!uuid.test(id)) throw new BuilderError('not-found', say`There is no such job`);
    return findJobFor(database, { actor, id });
  };
  const hasEnded = async (id: string): Promise<LogEnding> => {
    const state = await findJobState(database, id);
    // A worker ends the log before the job; when somebody else has ended the job, it says so once it notices.
    if (state === 'Cancelled') return true;
    return state === undefined || endStates.includes(state) ? 'whole' : false;
  };

  serveEndpoint(app, getJobLog, async ({ actor, params, query }) => {
    const { id, state } = await jobFor(actor, params.id);
    return readJobLog({ store: logs, jobId: id }, { ...query, isEnded: endStates.includes(state) });
  });

  app.get('/jobs/:id/log/download', async (c) => {
    const { id, imageName, number } = await jobFor(c.get('actor'), c.req.param('id'));
    return answerLogDownload(c, { store: logs, jobId: id, filename: `${imageName}-${number}.log` });
  });

  app.get('/jobs/:id/events', async (c) => {
    const { id } = await jobFor(c.get('actor'), c.req.param('id'));
    return answerLogEvents(c, {
      ...{ store: logs, jobId: id, signal: closing },
      isEnded: () => hasEnded(id),
      watchEnd: (tell) => jobChanges.watch(id, tell),
    });
  });
}
