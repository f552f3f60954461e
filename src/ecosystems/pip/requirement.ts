import { normalisedName } from '../../rootfs/normalised-name.ts';
import { type Sentence, say } from '../../sentence.ts';
import { formatMarker, type Marker, scanMarker } from './marker.ts';
import { createRequirementScanner, type RequirementScanner, RequirementSyntaxError } from './requirement-scanner.ts';
import { formatSpecifiers, makeSpecifier, type Specifier, specifierOperators } from './specifier.ts';

/** What a package line asks for, PEP 508: `pandas[excel]>=2; python_version >= "3.9"` or `name @ https://…`. */
export interface Requirement {
  /** As written. */
  readonly name: string;
  /** Normalised, sorted, each once. */
  readonly extras: readonly string[];
  readonly specifiers: readonly Specifier[];
  readonly url?: string;
  readonly marker?: Marker;
}

/** Why a text is no requirement. */
export interface RequirementFault {
  /** Where, counted from 1. */
  readonly column: number;
  readonly message: Sentence;
}

const maxLength = 5000;
const namePattern = /[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?/;

/** Reads a requirement; all of the text must be one. */
export function parseRequirement(
  text: string,
): { readonly requirement: Requirement } | { readonly fault: RequirementFault } {
  if (text.length > maxLength) return { fault: { column: maxLength, message: say`the requirement is too long` } };
  try {
    return { requirement: scanRequirement(createRequirementScanner(text)) };
  } catch (error) {
    if (error instanceof RequirementSyntaxError) return { fault: { column: error.column, message: error.message } };
    throw error;
  }
}

function scanRequirement(scanner: RequirementScanner): Requirement {
  const name = scanner.take(namePattern) ?? scanner.fail(say`a package name starts with a letter or a digit`);
  const extras = scanExtras(scanner);
  const url = scanner.skip('@') ? scanUrl(scanner) : undefined;
  const specifiers = url === undefined ? scanSpecifiers(scanner) : [];
  const marker = scanner.skip(';') ? scanMarker(scanner) : undefined;
  if (!scanner.atEnd()) scanner.fail(unexpected(url !== undefined, specifiers.length > 0, marker !== undefined));
  return { name, extras, specifiers, ...(url !== undefined && { url }), ...(marker !== undefined && { marker }) };
}

function unexpected(hasUrl: boolean, hasSpecifiers: boolean, hasMarker: boolean): Sentence {
  if (hasMarker) return say`"and", "or" or the end of the line is expected after the marker`;
  if (hasUrl) return say`only " ; marker" may follow a URL`;
  return hasSpecifiers
    ? say`a "," and another version, ";" and a marker, or the end of the line is expected`
    : say`a version (==, >=, <, ~=, …), ";" and a marker, or the end of the line is expected after the name`;
}

function scanExtras(scanner: RequirementScanner): readonly string[] {
  if (!scanner.skip('[')) return [];
  if (scanner.skip(']')) return [];
  const extras = new Set<string>();
  do {
    extras.add(normalisedName(scanner.take(namePattern) ?? scanner.fail(say`the name of an extra is expected`)));
  } while (scanner.skip(','));
  if (!scanner.skip(']')) scanner.fail(say`"," or "]" is expected after the name of an extra`);
  return [...extras].sort();
}

function scanUrl(scanner: RequirementScanner): string {
  return scanner.take(/[^\s]+/) ?? scanner.fail(say`a URL is expected after "@"`);
}

function scanSpecifiers(scanner: RequirementScanner): readonly Specifier[] {
  const parenthesised = scanner.skip('(');
  const specifiers: Specifier[] = [];
  if (parenthesised && scanner.skip(')')) return specifiers;
  while (/* a clause begins here */ true) {
    const specifier = scanSpecifier(scanner);
    if (specifier !== undefined) specifiers.push(specifier);
    else if (parenthesised && specifiers.length === 0) scanner.fail(say`a version is expected in the parentheses`);
    if (specifier === undefined || !scanner.skip(',')) break;
  }
  if (parenthesised && !scanner.skip(')')) scanner.fail(say`a ")" is missing after the versions`);
  return specifiers;
}

function scanSpecifier(scanner: RequirementScanner): Specifier | undefined {
  const operator = specifierOperators.find((candidate) => scanner.skip(candidate));
  if (operator === undefined) return undefined;
  const start = scanner.position();
  const operand = scanner.take(operator === '===' ? /[^\s;,)]+/ : /[^\s;,()[\]<>=~@'"]+/);
  if (operand === undefined) return scanner.fail(say`a version is expected after ${operator}`);
  const specifier = makeSpecifier(operator, operand);
  return typeof specifier === 'string' ? scanner.fail(specifier, start) : specifier;
}

/** One text for one meaning: `pandas[excel]>=2; python_version >= "3.9"`, names normalised, clauses sorted. */
export function formatRequirement({ name, extras, specifiers, url, marker }: Requirement): string {
  const named = `${normalisedName(name)}${extras.length === 0 ? '' : `[${extras.join(',')}]`}`;
  const condition = marker === undefined ? '' : `${url === undefined ? '' : ' '}; ${formatMarker(marker)}`;
  return `${named}${url === undefined ? formatSpecifiers(specifiers) : ` @ ${url}`}${condition}`;
}
