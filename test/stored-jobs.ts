import type { Database } from '../src/store/database.ts';
import { insertImage, type NewImage } from '../src/store/images.ts';
import { insertJob, type StoredJob } from '../src/store/jobs.ts';
import { buildNewImage } from './stored-images.ts';

/** An image with a job that waits. */
export async function addJobOf(database: Database, image: Partial<NewImage> = {}): Promise<StoredJob> {
  const { id, name, ownerGroup, spec } = await insertImage(database, buildNewImage(image));
  return addJobTo(database, id, { name, ownerGroup, spec });
}

/** One more job of an image. */
export function addJobTo(
  database: Database,
  imageId: string,
  { name, ownerGroup, spec }: Pick<NewImage, 'name' | 'ownerGroup' | 'spec'>,
): Promise<StoredJob> {
  const job = { imageId, imageName: name, ownerGroup, spec: { ...spec!, pullSecret: null } };
  return database.transaction((tx) =>
    insertJob(tx, { ...job, reason: 'rebuild', requestedBy: 'alice', noCache: false }),
  );
}
