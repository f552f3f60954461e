import type { Hono } from 'hono';
import * as api from '../api/jobs.ts';
import { BuilderError } from '../errors.ts';
import { say } from '../sentence.ts';
import { recordAudit } from '../store/audit.ts';
import type { Database } from '../store/database.ts';
import { findImageById } from '../store/images.ts';
import { cancelJob, findJob, listJobs, type StoredJob } from '../store/jobs.ts';
import type { Actor } from './actor.ts';
import { presentJob } from './present.ts';
import { isAllowed, mustBeAllowed, type Right } from './rights.ts';
import { type ApiEnv, serveEndpoint } from './serve-endpoint.ts';

/** The job of that id, if its image may be seen. Throws `not-found`, `forbidden`. */
export async function findJobFor(database: Database, { actor, id, right = 'job.view' }: JobLookup): Promise<StoredJob> {
  const job = await findJob(database, id);
  const image = job && (await findImageById(database, job.imageId));
  if (job === undefined || image === undefined || !isAllowed(actor, 'job.view', image)) {
    throw new BuilderError('not-found', say`There is no job ${id}`);
  }
  mustBeAllowed(actor, right, image);
  return job;
}

interface JobLookup {
  readonly actor: Actor;
  readonly id: string;
  readonly right?: Right;
}

/** Answers all that is about jobs, except their logs. */
export function jobRoutes(app: Hono<ApiEnv>, { database }: { readonly database: Database }): void {
  serveEndpoint(app, api.listJobs, async ({ actor, query: { mine, ...query } }) => {
    const viewer = actor.isAdmin ? 'all' : { groups: Object.keys(actor.groups) };
    const { items, total } = await listJobs(database, {
      ...query,
      viewer,
      requestedBy: mine ? actor.name : undefined,
    });
    return { items: items.map(presentJob), total, page: query.page, pageSize: query.pageSize };
  });

  serveEndpoint(app, api.getJob, async ({ actor, params }) =>
    presentJob(await findJobFor(database, { actor, ...params })),
  );

  serveEndpoint(app, api.cancelJob, async ({ actor, params: { id } }) => {
    const job = await findJobFor(database, { actor, id, right: 'job.cancel' });
    if (!(await database.transaction((tx) => cancelJob(tx, id, actor.name)))) {
      const now = (await findJob(database, id)) ?? job;
      throw new BuilderError('conflict', say`The job has ended already: ${now.state}`);
    }
    await recordAudit(database, {
      actor: actor.name,
      action: 'job.cancel',
      target: job.imageName,
      detail: { job: id },
    });
    return presentJob((await findJob(database, id))!);
  });

  serveEndpoint(app, api.getJobLock, async ({ actor, params }) => {
    const { lock } = await findJobFor(database, { actor, ...params });
    if (lock === null) throw new BuilderError('not-found', say`The job has no lock: it was not built`);
    return { ...lock };
  });
}
