import type { Hono } from 'hono';
import * as api from '../api/limits.ts';
import type { Database } from '../store/database.ts';
import type { PlatformLimits } from '../store/job-holds.ts';
import { countJobs, countRunningOf } from '../store/jobs.ts';
import { findGroup, type GroupLimits } from '../store/people/groups.ts';
import { mustBeAllowed } from './rights.ts';
import { type ApiEnv, serveEndpoint } from './serve-endpoint.ts';

export interface LimitsRoutesContext {
  readonly database: Database;
  readonly limits: PlatformLimits;
}

/** Answers what a build may use. */
export function limitsRoutes(app: Hono<ApiEnv>, { database, limits }: LimitsRoutesContext): void {
  serveEndpoint(app, api.getLimits, async ({ actor, query: { group } }) => {
    if (group !== undefined) mustBeAllowed(actor, 'group.view', { ownerGroup: group });
    const own: GroupLimits = (group !== undefined && (await findGroup(database, group))?.limits) || {};
    const { Pending = 0, Preparing = 0, Running = 0 } = await countJobs(database);
    return {
      maxRunningJobs: limits.maxRunningJobs,
      maxRunningJobsPerGroup: own.maxRunningJobs ?? limits.maxRunningJobsPerGroup,
      timeoutMinutes: own.timeoutMinutes ?? limits.timeoutMinutes,
      memoryMiB: own.memoryMiB ?? limits.memoryMiB,
      diskMiB: own.diskMiB ?? limits.diskMiB,
      running: Preparing + Running,
      runningOfGroup: group === undefined ? null : await countRunningOf(database, group),
      waiting: Pending,
    };
  });
}
