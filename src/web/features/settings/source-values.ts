import type { NewPackageSource, PackageSource, SourceKind } from '../../data/package-sources.ts';

export const sourceKinds = ['pip', 'conda', 'apt', 'ca-bundle', 'proxy'] as const satisfies readonly SourceKind[];

/** What stands in the form of a source; which of it is sent depends on its kind. */
export interface SourceValues {
  readonly kind: SourceKind;
  readonly name: string;
  readonly url: string;
  readonly username: string;
  /** `undefined` keeps the one that is stored, `null` removes it. */
  readonly password: string | null | undefined;
  readonly isDefault: boolean;
  /** Beginning of the sources of bases that it stands for; empty for an apt source of its own. */
  readonly mirrorOf: string;
  readonly suite: string;
  /** One a line, as noProxy. */
  readonly components: string;
  readonly signedBy: string;
  readonly noProxy: string;
  readonly certificates: string;
}

export function valuesOf(source: PackageSource | undefined): SourceValues {
  const { kind = 'pip', name = '', url = null, options = {} } = source ?? {};
  const { isDefault = false, mirrorOf = '', suite = '', components = [], signedBy = '' } = options;
  const { certificates = '', noProxy = [] } = options;
  return {
    ...{ kind, name, isDefault, mirrorOf, suite, signedBy, certificates },
    url: url ?? '',
    username: '',
    password: undefined,
    components: components.join('\n'),
    noProxy: noProxy.join('\n'),
  };
}

/** What is sent of a source. */
export function bodyOf(values: SourceValues): Omit<NewPackageSource, 'kind' | 'name' | 'position'> {
  const { kind, url, username, password } = values;
  const options = optionsOf(values);
  if (kind === 'ca-bundle') return { options };
  // Without a password nobody is signed in, so that the user name goes as well.
  if (password === null) return { url: url.trim(), username: null, password: null, options };
  return {
    url: url.trim(),
    ...(username.trim() !== '' && { username: username.trim() }),
    ...(password !== undefined && { password }),
    options,
  };
}

function optionsOf(values: SourceValues): NonNullable<NewPackageSource['options']> {
  const { kind, isDefault, certificates, noProxy } = values;
  if (kind === 'pip') return isDefault ? { isDefault } : {};
  if (kind === 'apt') return aptOptionsOf(values);
  if (kind === 'proxy') return listOf('noProxy', noProxy);
  return kind === 'ca-bundle' ? { certificates } : {};
}

function aptOptionsOf({ mirrorOf, suite, components, signedBy }: SourceValues) {
  const given = Object.entries({ mirrorOf, suite, signedBy }).filter(([, text]) => text.trim() !== '');
  return {
    ...Object.fromEntries(given.map(([option, text]) => [option, text.trim()])),
    ...listOf('components', components),
  };
}

/** Lines, or what stands between blanks and commas. */
function listOf<K extends string>(option: K, text: string): { readonly [key in K]?: string[] } {
  const items = text.split(/[\s,]+/).filter((each) => each !== '');
  return (items.length === 0 ? {} : { [option]: items }) as { readonly [key in K]?: string[] };
}

/** One position further to the front (-1) or to the back (1) among the sources of its kind. */
export function moved(sources: readonly PackageSource[], name: string, by: -1 | 1): readonly PackageSource[] {
  const from = sources.findIndex((each) => each.name === name);
  const others = sources.toSpliced(from, 1);
  return others.toSpliced(from + by, 0, sources[from]!);
}
