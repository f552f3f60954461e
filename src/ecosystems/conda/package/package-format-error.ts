import type { Sentence } from '../../../sentence.ts';
/** Something in a conda package is not as the format asks; the message is a clause about the package: `its paths.json is malformed`. */
export class PackageFormatError extends Error {
  override readonly name = 'PackageFormatError';
  declare readonly message: Sentence;

  constructor(message: Sentence, options?: ErrorOptions) {
    super(message, options);
  }
}
