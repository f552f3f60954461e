import type { Hono } from 'hono';
import * as api from '../api/images.ts';
import { jobTotalsSchema } from '../api/jobs.ts';
import { BuilderError } from '../errors.ts';
import { createImage, deleteImage, editImage, rebuildImage, rollBackImage } from '../queue/change-image.ts';
import type { BuildSettings } from '../runners/build-settings.ts';
import type { SharedTools } from '../runners/open-job-tools.ts';
import { grammarProblems, preflight } from '../runners/preflight.ts';
import { say } from '../sentence.ts';
import type { SpecText } from '../spec/spec-text.ts';
import { recordAudit } from '../store/audit.ts';
import type { Database } from '../store/database.ts';
import { findImage, listImages, type StoredImage } from '../store/images.ts';
import { findJob, listJobs } from '../store/jobs.ts';
import { listMissingGroups } from '../store/people/groups.ts';
import { findRevision, listRevisions, type StoredRevision } from '../store/revisions.ts';
import { findPullSecret } from '../store/secrets/pull-secrets.ts';
import type { Actor } from './actor.ts';
import {
  presentContents,
  presentDifference,
  presentImage,
  presentJob,
  presentPackage,
  presentRevision,
} from './present.ts';
import { isAllowed, mustBeAllowed } from './rights.ts';
import { type ApiEnv, serveEndpoint } from './serve-endpoint.ts';
import { mustBeUsable } from './settings-rights.ts';

export interface ImageRoutesContext {
  readonly database: Database;
  readonly tools: SharedTools;
  readonly settings: BuildSettings;
}

/** Answers all that is about images: the list, their edits, revisions, and what a spec would give. */
export function imageRoutes(app: Hono<ApiEnv>, { database, tools, settings }: ImageRoutesContext): void {
  const visible = async (actor: Actor, name: string): Promise<StoredImage> => {
    const image = await findImage(database, name);
    if (image === undefined || !isAllowed(actor, 'image.view', image)) throw notFound(name);
    return image;
  };
  const editable = async (actor: Actor, name: string): Promise<StoredImage> => {
    const image = await visible(actor, name);
    mustBeAllowed(actor, 'image.edit', image);
    return image;
  };
  /** What can be told at once is told at once: grammar, and whether there is anywhere to push to. */
  const checkBuildable = async (name: string, spec: SpecText | null | undefined) => {
    if (spec === null || spec === undefined) return;
    await settings.push();
    const problems = await grammarProblems({ name, spec }, tools, settings);
    if (problems.length === 0) return;
    const count = problems.length === 1 ? say`One problem` : say`${problems.length} problems`;
    throw new BuilderError('spec-invalid', say`${count} in the package list`, {
      problems: problems.map((problem) => ({ ...problem, field: `spec.${problem.field}` })),
    });
  };
  /** Groups and a pull secret that are named must be there. */
  const checkNames = async (actor: Actor, { groups = [], ownerGroup, pullSecret }: NamedThings) => {
    if (pullSecret) mustBeUsable(actor, pullSecret, await findPullSecret(database, pullSecret));
    const missing = await listMissingGroups(database, [...groups, ...(ownerGroup ? [ownerGroup] : [])]);
    if (missing.length === 0) return;
    const message = say`There is no group called ${missing.map((name) => `"${name}"`).join(', ')}`;
    throw new BuilderError('spec-invalid', message, {
      problems: [{ field: 'groups', code: 'group-not-found', message }],
    });
  };
  const audit = (actor: Actor, action: string, target: string, detail: Readonly<Record<string, unknown>> = {}) =>
    recordAudit(database, { actor: actor.name, action, target, detail });

  serveEndpoint(app, api.listImages, async ({ actor, query }) => {
    const { q, status, mine, order, ...rest } = query;
    const viewer = actor.isAdmin ? 'all' : { groups: Object.keys(actor.groups) };
    const { items, total } = await listImages(database, viewer, {
      ...rest,
      search: q,
      state: status,
      createdBy: mine ? actor.name : undefined,
      descending: order === 'desc',
    });
    return { items: items.map(presentImage), total, page: query.page, pageSize: query.pageSize };
  });

  serveEndpoint(app, api.createImage, async ({ actor, body }) => {
    mustBeAllowed(actor, 'image.create', body);
    if (body.isGlobal) mustBeAllowed(actor, 'image.make-global', {});
    await checkNames(actor, body);
    await checkBuildable(body.name, body.spec);
    const { spec = null, url = null, ...fields } = body;
    const { image, job } = await createImage(database, { ...fields, spec, url, createdBy: actor.name });
    await audit(actor, 'image.create', image.name);
    return { image: presentImage(image), job: job && presentJob(job) };
  });

  serveEndpoint(app, api.checkImageName, async ({ actor, params: { name } }) => {
    // Names that somebody may not see are told only to those who would meet them when they make an image.
    const ownerGroup = Object.keys(actor.groups).find((group) => actor.groups[group] === 'admin');
    mustBeAllowed(actor, 'image.create', { ownerGroup });
    return { name, isFree: (await findImage(database, name)) === undefined };
  });

  serveEndpoint(app, api.getImage, async ({ actor, params }) => presentImage(await visible(actor, params.name)));

  serveEndpoint(app, api.editImage, async ({ actor, params, body }) => {
    const image = await editable(actor, params.name);
    const { version, ...fields } = body;
    // Who gives an image away, or shows it to more people, must be allowed to own what comes of it.
    const changed = { ...image, ...defined(fields) };
    if (changed.ownerGroup !== image.ownerGroup) mustBeAllowed(actor, 'image.create', changed);
    if (changed.isGlobal && !image.isGlobal) mustBeAllowed(actor, 'image.make-global', {});
    await checkNames(actor, fields);
    await checkBuildable(image.name, fields.spec);
    const edited = await editImage(database, image, { version, fields: defined(fields), by: actor.name }).catch(
      presentStale,
    );
    await audit(actor, 'image.edit', image.name, { fields: Object.keys(fields) });
    return { image: presentImage(edited.image), job: edited.job && presentJob(edited.job) };
  });

  serveEndpoint(app, api.deleteImage, async ({ actor, params }) => {
    const image = await visible(actor, params.name);
    mustBeAllowed(actor, 'image.delete', image);
    await deleteImage(database, image, actor.name);
    await audit(actor, 'image.delete', image.name);
  });

  serveEndpoint(app, api.rebuildImage, async ({ actor, params, body }) => {
    const image = await editable(actor, params.name);
    await settings.push();
    const job = await rebuildImage(database, image, { by: actor.name, noCache: body.noCache });
    await audit(actor, 'image.rebuild', image.name, { noCache: body.noCache });
    return presentJob(job);
  });

  serveEndpoint(app, api.listImageJobs, async ({ actor, params, query }) => {
    const image = await visible(actor, params.name);
    const { items, total } = await listJobs(database, { imageId: image.id, ...query });
    return { items: items.map(presentJob), total, ...query };
  });

  serveEndpoint(app, api.listRevisions, async ({ actor, params, query }) => {
    const image = await visible(actor, params.name);
    const { items, total } = await listRevisions(database, image.id, query);
    return { items: items.map((each) => presentRevision(each, image)), total, ...query };
  });

  const revisionOf = async (image: StoredImage, revision: string): Promise<StoredRevision> => {
    const found = await findRevision(database, image.id, revision);
    if (found !== undefined) return found;
    throw new BuilderError('not-found', say`"${image.name}" has no revision ${revision}`);
  };

  serveEndpoint(app, api.getRevisionContents, async ({ actor, params }) => {
    const image = await visible(actor, params.name);
    const revision = await revisionOf(image, params.revision);
    const totals = jobTotalsSchema.safeParse((await findJob(database, revision.jobId))?.totals).data;
    return presentContents(revision, { base: totals?.layers.base ?? 1 });
  });

  serveEndpoint(app, api.diffRevisions, async ({ actor, params }) => {
    const image = await visible(actor, params.name);
    const from = await revisionOf(image, params.from);
    const to = await revisionOf(image, params.to);
    const bases = { from: baseOf(from), to: baseOf(to) };
    return { base: bases.from === bases.to ? null : bases, ...presentDifference(from.lock, to.lock) };
  });

  serveEndpoint(app, api.rollBackImage, async ({ actor, params, body }) => {
    const image = await editable(actor, params.name);
    await settings.push();
    const revision = await revisionOf(image, body.revision);
    const changed = await rollBackImage(database, image, { revision, by: actor.name });
    await audit(actor, 'image.rollback', image.name, { revision: body.revision });
    return { image: presentImage(changed.image), job: changed.job && presentJob(changed.job) };
  });

  serveEndpoint(app, api.preflightSpec, async ({ actor, body, signal }) => {
    mustBeAllowed(actor, 'spec.preflight', {});
    const { name, spec, pullSecret, compareWith } = body;
    if (body.ownerGroup) mustBeAllowed(actor, 'group.view', { ownerGroup: body.ownerGroup });
    const other = compareWith === undefined ? undefined : await visible(actor, compareWith);
    await checkNames(actor, { pullSecret });
    const ownerGroup = body.ownerGroup === undefined ? (other?.ownerGroup ?? null) : body.ownerGroup;
    const groups = actor.isAdmin ? ('all' as const) : Object.keys(actor.groups);
    const asked = { name, spec, pullSecret, ownerGroup, groups, signal };
    const found = await preflight(asked, tools, settings).catch(inSpec);
    const { lock, revision, lockDigest, base, layers, downloadBytes, notices } = found;
    const inForce = other?.readyRevision ? await revisionOf(other, other.readyRevision) : undefined;
    return {
      ...{ revision, lockDigest, base, layers, downloadBytes },
      python: lock.python?.version ?? lock.conda?.python ?? null,
      packages: lock.packages.map(presentPackage),
      notices: [...notices],
      changes: inForce === undefined ? null : presentDifference(inForce.lock, lock),
    };
  });
}

interface NamedThings {
  readonly groups?: readonly string[] | undefined;
  readonly ownerGroup?: string | null | undefined;
  readonly pullSecret?: string | null | undefined;
}

function notFound(name: string): BuilderError {
  return new BuilderError('not-found', say`There is no image called "${name}"`);
}

function baseOf({ lock }: StoredRevision): string {
  return `${lock.base.reference}@${lock.base.digest}`;
}

/** Without what was not sent. */
function defined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}

/** The version that stands now goes to the editor as the API shows images. */
function presentStale(error: unknown): never {
  if (!(error instanceof BuilderError) || error.code !== 'conflict' || error.current === undefined) throw error;
  const { code, message, hint } = error;
  throw new BuilderError(code, message, { hint, current: presentImage(error.current as StoredImage) });
}

/** In the body the spec is one field among others. */
function inSpec(error: unknown): never {
  if (!(error instanceof BuilderError) || error.problems.length === 0) throw error;
  const problems = error.problems.map((problem) => ({ ...problem, field: `spec.${problem.field}` }));
  throw new BuilderError(error.code, error.message, { hint: error.hint, problems });
}
