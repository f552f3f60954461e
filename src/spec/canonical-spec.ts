import { canonicalJson, type JsonValue } from '../oci/canonical-json.ts';
import { ecosystems, type ImageSpec } from './image-spec.ts';

/**
 * One text for all specs that ask for the same image: what it is called and how its lines are ordered, numbered or repeated does not
 * count. `{"base":"python:3.11","packages":{"apt":[],"conda":[],"pip":["numpy"]},"type":"universal"}`
 */
export function canonicalSpec({ type, base, cuda, packages, compileBytecode = false }: ImageSpec): string {
  const lists = ecosystems.map((ecosystem): [string, JsonValue] => [
    ecosystem,
    [...new Set(packages[ecosystem].map(({ text }) => text))].sort(),
  ]);
  return canonicalJson({
    type,
    base,
    ...(cuda !== undefined && { cuda }),
    packages: Object.fromEntries(lists),
    ...(compileBytecode && { compileBytecode }),
  });
}
