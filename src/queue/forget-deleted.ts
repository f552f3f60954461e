import type { Database } from '../store/database.ts';
import { forgetImage, listLongDeleted } from '../store/images.ts';
import type { LogStore } from '../store/logs/log-store.ts';

export interface ForgetDeletedOptions {
  readonly database: Database;
  readonly logs: LogStore;
  /** How long a deleted image, its jobs and their logs can still be read. */
  readonly keepDeletedMs: number;
}

/** Forgets all images that were deleted before then: the logs first, so that what is interrupted is found again. Gives how many. */
export async function forgetDeleted({ database, logs, keepDeletedMs }: ForgetDeletedOptions): Promise<number> {
  const images = await listLongDeleted(database, keepDeletedMs);
  for (const { id, jobIds } of images) {
    for (const jobId of jobIds) await logs.delete(jobId);
    await forgetImage(database, id);
  }
  return images.length;
}
