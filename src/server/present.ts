import type { z } from 'zod';
import type { imageSchema, lockedPackageSchema, revisionSchema } from '../api/images.ts';
import { type jobSchema, jobTotalsSchema } from '../api/jobs.ts';
import { diffLocks } from '../lock/diff-locks.ts';
import { isSdist, type Lock, type LockedPackage } from '../lock/lock.ts';
import { planLayers } from '../plan/plan-layers.ts';
import type { StoredImage } from '../store/images.ts';
import type { StoredJob } from '../store/jobs.ts';
import type { StoredRevision } from '../store/revisions.ts';

/** An image as the API shows it. */
export function presentImage(image: StoredImage): z.output<typeof imageSchema> {
  const { name, kind, displayName, description, type, isGlobal, groups, ownerGroup, gpuUrl, pullSecret, version } =
    image;
  const url = kind === 'existing' ? image.url : image.readyUrl;
  return {
    ...{
      name,
      kind,
      displayName,
      description,
      type,
      isGlobal,
      groups: [...groups],
      ownerGroup,
      gpuUrl,
      pullSecret,
      version,
    },
    spec: image.spec,
    url,
    revision: image.readyRevision,
    isReady: url !== null,
    status: image.latestJobState,
    progress: image.latestJobProgress,
    latestJobId: image.latestJobId,
    createdBy: image.createdBy,
    createdAt: image.createdAt.toISOString(),
    updatedAt: image.updatedAt.toISOString(),
  };
}

/** A job as the API shows it. */
export function presentJob(job: StoredJob): z.output<typeof jobSchema> {
  const { id, imageName, number, state, reason, requestedBy, spec, noCache, revision, imageUrl, digest, attempt } = job;
  return {
    ...{ id, image: imageName, number, state, reason, requestedBy, spec, noCache, revision, imageUrl, digest, attempt },
    steps: [...job.steps],
    progress: job.progress,
    totals: jobTotalsSchema.safeParse(job.totals).data ?? null,
    limits: job.limits,
    failure: job.failure === null ? null : { ...job.failure, problems: [...job.failure.problems] },
    createdAt: job.createdAt.toISOString(),
    startedAt: job.startedAt?.toISOString() ?? null,
    endedAt: job.endedAt?.toISOString() ?? null,
  };
}

/** A revision as the API shows it. */
export function presentRevision(
  revision: StoredRevision,
  image: Pick<StoredImage, 'readyRevision'>,
): z.output<typeof revisionSchema> {
  const { number, jobId, imageUrl, digest, lockDigest, lock, createdAt } = revision;
  const { pullSecret: _, ...spec } = revision.spec;
  return {
    ...{ revision: revision.revision, number, jobId, imageUrl, digest, lockDigest },
    spec,
    packages: lock.packages.map(presentPackage),
    isInForce: revision.revision === image.readyRevision,
    createdAt: createdAt.toISOString(),
  };
}

export function presentPackage(locked: LockedPackage): z.output<typeof lockedPackageSchema> {
  const { ecosystem, name, version, sizeBytes, requestedBy, requiredBy } = locked;
  const reasons = { requestedBy: [...requestedBy], requiredBy: [...requiredBy] };
  return { ecosystem, name, version, sizeBytes, ...reasons, isBuilt: isSdist(locked) };
}

/** What a revision lays down above its base, and in which layer. */
export function presentContents({ revision, lock }: StoredRevision, layers: RevisionLayers) {
  const { reference, digest, platform } = lock.base;
  const removals = lock.packages.some(
    (locked) => locked.ecosystem === 'pip' && locked.replaces !== undefined && locked.replaces.broughtBy === undefined,
  )
    ? ['replaced']
    : [];
  const plans = planLayers({ packages: lock.packages, removals, baseLayers: layers.base });
  return {
    revision,
    base: { reference, digest, platform, layers: layers.base },
    python: lock.python?.version ?? lock.conda?.python ?? null,
    layers: plans.length,
    packages: plans.flatMap((plan, index) =>
      plan.kind === 'removals'
        ? []
        : plan.packages.map((locked) => ({ ...presentPackage(locked), source: locked.url, layer: index + 1 })),
    ),
  };
}

interface RevisionLayers {
  /** Of the base. */
  readonly base: number;
}

/** What two locks lay down differently. */
export function presentDifference(from: Lock, to: Lock) {
  const { added, removed, changed } = diffLocks(from, to);
  return {
    added: added.map(presentPackage),
    removed: removed.map(presentPackage),
    changed: changed.map((each) => ({ from: presentPackage(each.from), to: presentPackage(each.to) })),
  };
}
