import { BuilderError } from '../errors.ts';
import type { Lock } from '../lock/lock.ts';
import type { Sentence } from '../sentence.ts';
import { say } from '../sentence.ts';
import { specOf } from '../spec/spec-text.ts';
import type { Database, Queries } from '../store/database.ts';
import {
  findImageById,
  holdImage,
  type ImageFields,
  insertImage,
  markImageDeleted,
  type NewImage,
  type StoredImage,
  updateImage,
} from '../store/images.ts';
import { cancelJobsOf, insertJob, type JobReason, type StoredJob } from '../store/jobs.ts';
import type { StoredRevision } from '../store/revisions.ts';

/** An image, and the job that its change has started. */
export interface ChangedImage {
  readonly image: StoredImage;
  readonly job: StoredJob | null;
}

/** Makes an image; of a custom one the first job is added with it. Throws `spec-invalid`, `conflict`. */
export async function createImage(database: Database, image: NewImage): Promise<ChangedImage> {
  checkFields(image.name, image.kind, image);
  return database.transaction(async (tx) => {
    const made = await insertImage(tx, image);
    if (image.kind === 'existing') return { image: made, job: null };
    return withJob(tx, made, { reason: 'create', requestedBy: image.createdBy });
  });
}

export interface Edit {
  /** The version that the edit was made from. */
  readonly version: number;
  readonly fields: Partial<ImageFields>;
  readonly by: string;
}

/**
 * Changes an image; a job is added when what is built changes. Throws `spec-invalid`, and `conflict` with the image as it is now when it
 * was changed since.
 */
export async function editImage(
  database: Database,
  image: StoredImage,
  { version, fields, by }: Edit,
): Promise<ChangedImage> {
  const next: ImageFields = { ...image, ...fields };
  checkFields(image.name, image.kind, next);
  return database.transaction(async (tx) => {
    const updated = await updateImage(tx, { id: image.id, version }, next);
    if (updated === undefined) throw await staleEdit(tx, image, version);
    if (image.kind === 'existing' || !buildsOtherwise(image, next)) return { image: updated, job: null };
    return withJob(tx, updated, { reason: 'edit', requestedBy: by });
  });
}

/** Adds a job that asks the package indexes anew. Throws `conflict` for an existing image, which nobody builds. */
export async function rebuildImage(
  database: Database,
  image: StoredImage,
  { by, noCache }: { readonly by: string; readonly noCache: boolean },
): Promise<StoredJob> {
  mustBeCustom(image);
  return database.transaction(
    async (tx) => (await withJob(tx, image, { reason: 'rebuild', requestedBy: by, noCache })).job!,
  );
}

/** Puts an earlier revision in force again: its spec becomes the image's, and a job sees to it that the registry has it. */
export async function rollBackImage(
  database: Database,
  image: StoredImage,
  { revision, by }: { readonly revision: StoredRevision; readonly by: string },
): Promise<ChangedImage> {
  mustBeCustom(image);
  const { pullSecret, ...spec } = revision.spec;
  return database.transaction(async (tx) => {
    const updated = await updateImage(tx, image, { ...image, spec, pullSecret });
    if (updated === undefined) throw await staleEdit(tx, image, image.version);
    return withJob(tx, updated, { reason: 'rollback', requestedBy: by, lock: revision.lock });
  });
}

/** Deletes an image and cancels its jobs; they and their logs stay readable. */
export async function deleteImage(database: Database, image: StoredImage, by: string): Promise<void> {
  await database.transaction(async (tx) => {
    await cancelJobsOf(tx, image.id, by);
    await markImageDeleted(tx, image.id);
  });
}

interface Request {
  readonly reason: JobReason;
  readonly requestedBy: string;
  readonly noCache?: boolean;
  readonly lock?: Lock;
}

async function withJob(
  tx: Queries,
  image: StoredImage,
  { noCache = false, ...request }: Request,
): Promise<ChangedImage> {
  await holdImage(tx, image.id);
  const { id: imageId, name: imageName, ownerGroup, pullSecret } = image;
  const job = await insertJob(tx, {
    imageId,
    imageName,
    ownerGroup,
    spec: { ...image.spec!, pullSecret },
    noCache,
    ...request,
  });
  return { image: (await findImageById(tx, imageId))!, job };
}

function buildsOtherwise(image: StoredImage, next: ImageFields): boolean {
  return JSON.stringify(canonical(image)) !== JSON.stringify(canonical(next));
}

function canonical({ spec, pullSecret }: Pick<ImageFields, 'spec' | 'pullSecret'>): unknown {
  if (spec === null) return null;
  const { base, cuda = null, packages, compileBytecode = false } = spec;
  return [base, pullSecret, cuda, packages.apt, packages.conda, packages.pip, compileBytecode];
}

function mustBeCustom({ name, kind }: StoredImage): void {
  if (kind === 'custom') return;
  throw new BuilderError('conflict', say`"${name}" is an existing image: it is not built here`, {
    hint: say`Make a custom image with this one as its base.`,
  });
}

function checkFields(name: string, kind: NewImage['kind'], { spec, url, gpuUrl, type }: ImageFields): void {
  const refuse = (field: string, code: string, message: Sentence): never => {
    throw new BuilderError('spec-invalid', message, { problems: [{ field, code, message }] });
  };
  if (kind === 'existing') {
    if (spec !== null) refuse('spec', 'field-unknown', say`An existing image has a url in place of a spec`);
    if (url === null) refuse('url', 'field-missing', say`An existing image needs the url that it is pulled from`);
    if (gpuUrl !== null && type !== 'universal') {
      refuse('gpuUrl', 'field-unknown', say`Only a universal image has a second url for GPUs`);
    }
    return;
  }
  if (url !== null || gpuUrl !== null)
    refuse('url', 'field-unknown', say`The url of a custom image comes from its build`);
  specOf(name, spec ?? refuse('spec', 'field-missing', say`A custom image needs a spec: a base and packages`));
}

async function staleEdit(tx: Queries, image: StoredImage, version: number): Promise<BuilderError> {
  const current = await findImageById(tx, image.id);
  if (current === undefined || current.deletedAt !== null) {
    return new BuilderError('not-found', say`The image "${image.name}" was deleted meanwhile`);
  }
  return new BuilderError(
    'conflict',
    say`"${image.name}" was changed since: your edit is of version ${version}, it is at ${current.version}`,
    {
      hint: say`Look at what has changed, then edit it again.`,
      current,
    },
  );
}
