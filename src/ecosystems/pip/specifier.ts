import { type Sentence, say } from '../../sentence.ts';
import {
  compareReleases,
  compareVersions,
  formatVersion,
  isPrerelease,
  parseVersion,
  publicVersion,
  type Version,
} from './version.ts';

export const specifierOperators = ['===', '~=', '==', '!=', '<=', '>=', '<', '>'] as const;
export type SpecifierOperator = (typeof specifierOperators)[number];

/** One clause of a version specifier, PEP 440: `>=1.2`, `==1.*`, `~=2.2`, `===as.is`. */
export interface Specifier {
  readonly operator: SpecifierOperator;
  /** The version as written, without `.*`; for `===` any text. */
  readonly text: string;
  /** True for `==1.*` and `!=1.*`. */
  readonly wildcard: boolean;
}

/** Makes a clause of an operator and what follows it; a text instead says what is wrong with it. */
export function makeSpecifier(operator: SpecifierOperator, operand: string): Specifier | Sentence {
  if (operator === '===') return { operator, text: operand, wildcard: false };
  const wildcard = operand.endsWith('.*');
  const text = wildcard ? operand.slice(0, -2) : operand;
  const version = parseVersion(text);
  if (version === undefined) return say`"${operand}" is not a version (PEP 440)`;
  if (wildcard && operator !== '==' && operator !== '!=')
    return say`".*" goes with == and != only, not with ${operator}`;
  if (wildcard && !/^v?(?:\d+!)?\d+(?:\.\d+)*$/i.test(text)) return say`".*" follows plain numbers only, as in ==1.2.*`;
  if (version.local !== undefined && operator !== '==' && operator !== '!=') {
    return say`a local version ("+…") goes with == and != only, not with ${operator}`;
  }
  if (operator === '~=' && version.release.length < 2) return say`~= needs at least two numbers, as in ~=${text}.0`;
  return { operator, text, wildcard };
}

/** True when the version is one that all clauses allow; pre-releases are not held against it. */
export function satisfies(version: string, specifiers: readonly Specifier[]): boolean {
  const candidate = parseVersion(version);
  return specifiers.every((specifier) => {
    if (specifier.operator === '===') return specifier.text.toLowerCase() === version.trim().toLowerCase();
    return candidate !== undefined && allows(specifier, candidate);
  });
}

/** `>=1.2,<2`: the clauses in one order, whatever the order they were written in. */
export function formatSpecifiers(specifiers: readonly Specifier[]): string {
  return [...new Set(specifiers.map(formatSpecifier))].sort().join(',');
}

function formatSpecifier({ operator, text, wildcard }: Specifier): string {
  const version = operator === '===' ? undefined : parseVersion(text);
  return `${operator}${version === undefined ? text : formatVersion(version)}${wildcard ? '.*' : ''}`;
}

function allows({ operator, text, wildcard }: Specifier, candidate: Version): boolean {
  const bound = parseVersion(text)!;
  switch (operator) {
    case '==':
      return wildcard ? startsWith(candidate, bound) : equals(candidate, bound);
    case '!=':
      return !(wildcard ? startsWith(candidate, bound) : equals(candidate, bound));
    case '~=':
      return (
        compareVersions(publicVersion(candidate), bound) >= 0 &&
        startsWith(candidate, { epoch: bound.epoch, release: bound.release.slice(0, -1) })
      );
    case '<=':
      return compareVersions(publicVersion(candidate), bound) <= 0;
    case '>=':
      return compareVersions(publicVersion(candidate), bound) >= 0;
    case '<':
      return isBefore(candidate, bound);
    case '>':
      return isAfter(candidate, bound);
    default:
      return false;
  }
}

/** A clause without a local part means every local build of its version. */
function equals(candidate: Version, bound: Version): boolean {
  return compareVersions(bound.local === undefined ? publicVersion(candidate) : candidate, bound) === 0;
}

function startsWith(candidate: Version, prefix: Version): boolean {
  const start = prefix.release.map((_, index) => candidate.release[index] ?? 0n);
  return candidate.epoch === prefix.epoch && compareReleases(start, prefix.release) === 0;
}

/** `<2` leaves out 2's own pre-releases, unless it names one. */
function isBefore(candidate: Version, bound: Version): boolean {
  return compareVersions(candidate, isPrerelease(bound) ? bound : { ...bound, dev: 0n }) < 0;
}

/** `>1` leaves out 1's own post-releases, unless it names one, and 1's local builds. */
function isAfter(candidate: Version, bound: Version): boolean {
  if (compareVersions(publicVersion(candidate), bound) <= 0) return false;
  if (candidate.post === undefined || bound.post !== undefined || bound.dev !== undefined) return true;
  const { post: _post, dev: _dev, local: _local, ...postReleased } = candidate;
  return compareVersions(postReleased, bound) !== 0;
}
