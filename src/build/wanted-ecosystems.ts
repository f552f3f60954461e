import { type Ecosystem, ecosystems } from '../spec/image-spec.ts';
import type { BuildRequest } from './build-image.ts';

/** The ecosystems that a build has to do with: those of its lock, where one is given, else those that the spec has lines of. */
export function wantedEcosystems({ spec, fromLock }: Pick<BuildRequest, 'spec' | 'fromLock'>): ReadonlySet<Ecosystem> {
  if (fromLock !== undefined) return new Set(fromLock.packages.map(({ ecosystem }) => ecosystem));
  return new Set(ecosystems.filter((each) => spec.packages[each].length > 0));
}
