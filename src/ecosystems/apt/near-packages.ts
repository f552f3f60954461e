import { nearName } from '../../spec/near-name.ts';

/** Packages that were probably meant by a name that none has: what Debian calls a library or module of that name, and a word much like it. */
export function nearPackages(name: string, known: readonly string[]): readonly string[] {
  const names = new Set(known);
  const renamed = [
    `python3-${name}`,
    `lib${name}-dev`,
    `${name}-dev`,
    `lib${name}`,
    `${name.replace(/-devel$/, '')}-dev`,
  ];
  const found = renamed.filter((each) => names.has(each));
  const alike = known.filter((each) => Math.abs(each.length - name.length) <= 2 && each[0] === name[0]);
  const near = nearName(name, alike);
  return [...new Set([...(near === undefined ? [] : [near]), ...found])].slice(0, 3);
}
