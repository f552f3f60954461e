import { BuilderError } from '../../errors.ts';
import { say } from '../../sentence.ts';
import type { UploadKey } from './blob-uploads.ts';

const uuidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** True for an id that `begin` can have made. */
export function isUploadId(id: string): boolean {
  return uuidPattern.test(id);
}

export function uploadUnknown(id: string): BuilderError {
  return new BuilderError('not-found', say`There is no upload ${JSON.stringify(id.slice(0, 60))}`, {
    hint: say`Begin a new upload.`,
  });
}

export function checkOffset(offset: number | undefined, sizeBytes: number): void {
  if (offset === undefined || offset === sizeBytes) return;
  throw new BuilderError('range-invalid', say`The chunk begins at byte ${offset}, the upload stands at ${sizeBytes}`, {
    hint: say`Ask for the state of the upload and go on from there.`,
  });
}

/** Lets one caller at a time work on an upload; a second one gets `range-invalid`. */
export function createUploadLocks() {
  const held = new Set<string>();
  return async <T>({ id }: UploadKey, work: () => Promise<T>): Promise<T> => {
    if (held.has(id)) {
      throw new BuilderError('range-invalid', say`Another request is writing to this upload`, {
        hint: say`Send the chunks of an upload one after the other.`,
      });
    }
    held.add(id);
    try {
      return await work();
    } finally {
      held.delete(id);
    }
  };
}
