/** Something in a conda package is not as the format asks; the message is a clause about the package: `its paths.json is malformed`. */
export class PackageFormatError extends Error {
  override readonly name = 'PackageFormatError';
}
