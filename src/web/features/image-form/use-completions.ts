import { type PackagePlace, usePackageLookup } from '../../data/package-lookup.ts';
import type { PackageKind } from './draft.ts';
import type { PackageCompletions } from './line-editor.tsx';
import { channelsIn } from './name-completion.ts';
import type { ImageFormState } from './use-image-form.ts';

/** What the sources have of each kind, for the base and with the pull secret that stand in the form. */
export function useCompletions({ draft, preflight }: ImageFormState): (kind: PackageKind) => PackageCompletions {
  const lookup = usePackageLookup();
  const { base, pullSecret, ownerGroup, packages } = draft;
  const placeOf = (kind: PackageKind, text: string): PackagePlace => {
    if (kind === 'conda') {
      const channels = channelsIn(text).join(',');
      return channels === '' ? {} : { channels };
    }
    if (kind === 'pip' || base.trim() === '') return {};
    return {
      base: base.trim(),
      ...(pullSecret !== null && { pullSecret }),
      ...(ownerGroup !== null && { ownerGroup }),
    };
  };
  return (kind) => ({
    kind,
    namesOf: ({ written, channel }, text) =>
      lookup.names(kind, written, { ...placeOf(kind, text), ...(channel !== undefined && { channel }) }),
    async versionsOf(name) {
      const versions = await lookup.versions(kind, name, placeOf(kind, packages[kind]));
      if (versions.length > 0) return versions;
      // Else what would be installed.
      const found = preflight.found?.packages.filter((each) => each.ecosystem === kind && each.name === name) ?? [];
      return found.map(({ version }) => version);
    },
  });
}
