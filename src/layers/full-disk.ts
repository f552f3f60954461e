import { BuilderError } from '../errors.ts';
import { say } from '../sentence.ts';

/** For `catch`: throws `disk-full` for a file system without room, anything else as it is. */
export function refuseFullDisk(error: NodeJS.ErrnoException): never {
  if (error.code !== 'ENOSPC' && error.code !== 'EDQUOT') throw error;
  throw new BuilderError('disk-full', say`The disk that holds the cache is full`, {
    cause: error,
    hint: say`Free space in the data or cache directory, or put it on a larger disk (IMAGEWRIGHT_DATA).`,
  });
}
