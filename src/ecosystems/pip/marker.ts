import { normalisedName } from '../../rootfs/normalised-name.ts';
import type { PythonEnvironment } from '../../rootfs/python-environment.ts';
import { say } from '../../sentence.ts';
import type { RequirementScanner } from './requirement-scanner.ts';
import { makeSpecifier, type SpecifierOperator, satisfies, specifierOperators } from './specifier.ts';

/** The variables of PEP 508 "Environment markers". */
export const markerVariables = [
  'os_name',
  'sys_platform',
  'platform_machine',
  'platform_python_implementation',
  'platform_release',
  'platform_system',
  'platform_version',
  'python_version',
  'python_full_version',
  'implementation_name',
  'implementation_version',
  'extra',
] as const;
export type MarkerVariable = (typeof markerVariables)[number];

/** What the variables are in one image; `extra` is `''` where none is asked for. */
export type MarkerEnvironment = Readonly<Record<MarkerVariable, string>>;

export type MarkerOperand =
  | { readonly type: 'variable'; readonly name: MarkerVariable }
  | { readonly type: 'text'; readonly text: string };

type MarkerOperator = SpecifierOperator | 'in' | 'not in';

/** A condition on the environment, parsed: `python_version < "3.12" and extra == "excel"`. */
export type Marker = { readonly type: 'and' | 'or'; readonly left: Marker; readonly right: Marker } | Comparison;

interface Comparison {
  readonly type: 'comparison';
  readonly left: MarkerOperand;
  readonly operator: MarkerOperator;
  readonly right: MarkerOperand;
}

/** Old spellings that PEP 345 allowed, still met in metadata. */
const legacyNames: Readonly<Record<string, MarkerVariable>> = {
  'os.name': 'os_name',
  'sys.platform': 'sys_platform',
  'platform.version': 'platform_version',
  'platform.machine': 'platform_machine',
  'platform.python_implementation': 'platform_python_implementation',
  python_implementation: 'platform_python_implementation',
};

const maxDepth = 50;

/** Reads a marker up to where it ends. Throws `RequirementSyntaxError`. */
export function scanMarker(scanner: RequirementScanner, depth = 0): Marker {
  if (depth > maxDepth) scanner.fail(say`the marker has too many parentheses within each other`);
  let marker = scanConjunction(scanner, depth);
  while (scanner.take(/or(?![\w.])/)) marker = { type: 'or', left: marker, right: scanConjunction(scanner, depth) };
  return marker;
}

function scanConjunction(scanner: RequirementScanner, depth: number): Marker {
  let marker = scanTerm(scanner, depth);
  while (scanner.take(/and(?![\w.])/)) marker = { type: 'and', left: marker, right: scanTerm(scanner, depth) };
  return marker;
}

function scanTerm(scanner: RequirementScanner, depth: number): Marker {
  if (!scanner.skip('(')) return scanComparison(scanner);
  const marker = scanMarker(scanner, depth + 1);
  if (!scanner.skip(')')) scanner.fail(say`a ")" is missing in the marker`);
  return marker;
}

function scanComparison(scanner: RequirementScanner): Marker {
  const start = scanner.position();
  const left = scanOperand(scanner);
  const operator = scanOperator(scanner);
  const right = scanOperand(scanner);
  if (left.type === 'text' && right.type === 'text') scanner.fail(say`the marker compares two texts`, start);
  return { type: 'comparison', left, operator, right };
}

function scanOperand(scanner: RequirementScanner): MarkerOperand {
  const start = scanner.position();
  const quoted = scanner.take(/'[^']*'|"[^"]*"/);
  if (quoted !== undefined) return { type: 'text', text: quoted.slice(1, -1) };
  const word = scanner.take(/[A-Za-z_][\w.]*/) ?? '';
  const name = legacyNames[word] ?? markerVariables.find((variable) => variable === word);
  if (name !== undefined) return { type: 'variable', name };
  return word === ''
    ? scanner.fail(say`a marker variable or a quoted text is expected`, start)
    : scanner.fail(say`"${word.slice(0, 60)}" is not a marker variable; texts need quotes`, start);
}

function scanOperator(scanner: RequirementScanner): MarkerOperator {
  const operator = specifierOperators.find((candidate) => scanner.skip(candidate));
  if (operator !== undefined) return operator;
  if (scanner.take(/in(?!\w)/)) return 'in';
  if (scanner.take(/not[ \t]+in(?!\w)/)) return 'not in';
  return scanner.fail(say`a comparison (==, !=, <, <=, >, >=, ~=, ===, in, not in) is expected in the marker`);
}

/** True when the condition holds. `extra` holds for the environment's one. */
export function evaluateMarker(marker: Marker, environment: MarkerEnvironment): boolean {
  if (marker.type === 'comparison') return evaluateComparison(marker, environment);
  const left = evaluateMarker(marker.left, environment);
  if (left === (marker.type === 'or')) return left;
  return evaluateMarker(marker.right, environment);
}

function evaluateComparison({ left, operator, right }: Comparison, environment: MarkerEnvironment): boolean {
  const value = (operand: MarkerOperand) => (operand.type === 'text' ? operand.text : environment[operand.name]);
  if ([left, right].some((side) => side.type === 'variable' && side.name === 'extra')) {
    return compareValues(normalisedName(value(left)), operator, normalisedName(value(right)), false);
  }
  return compareValues(value(left), operator, value(right), comparesVersions(left) || comparesVersions(right));
}

const versionVariables: readonly MarkerVariable[] = [
  'python_version',
  'python_full_version',
  'implementation_version',
  'platform_release',
];

function comparesVersions(operand: MarkerOperand): boolean {
  return operand.type === 'variable' && versionVariables.includes(operand.name);
}

function compareValues(left: string, operator: MarkerOperator, right: string, asVersions: boolean): boolean {
  if (operator === 'in') return right.includes(left);
  if (operator === 'not in') return !right.includes(left);
  const specifier = asVersions ? makeSpecifier(operator, right.trim()) : undefined;
  return typeof specifier === 'object' ? satisfies(left, [specifier]) : compareTexts(left, operator, right);
}

/** Texts have no order: `<=` and `>=` mean the same text, `<`, `>` and `~=` never hold. */
function compareTexts(left: string, operator: SpecifierOperator, right: string): boolean {
  if (operator === '!=') return left !== right;
  return left === right && operator !== '<' && operator !== '>' && operator !== '~=';
}

/** `python_version < "3.12" and extra == "excel"`: one spelling, with the fewest parentheses. */
export function formatMarker(marker: Marker): string {
  if (marker.type === 'comparison') {
    return `${formatOperand(marker.left)} ${marker.operator} ${formatOperand(marker.right)}`;
  }
  const side = (inner: Marker) =>
    marker.type === 'and' && inner.type === 'or' ? `(${formatMarker(inner)})` : formatMarker(inner);
  return `${side(marker.left)} ${marker.type} ${side(marker.right)}`;
}

function formatOperand(operand: MarkerOperand): string {
  if (operand.type === 'variable') return operand.name;
  return operand.text.includes('"') ? `'${operand.text}'` : `"${operand.text}"`;
}

/** The variables for an image's Python. What only a running kernel knows (release, version) is empty. */
export function markerEnvironmentOf(python: PythonEnvironment): MarkerEnvironment {
  const full = /^\d+\.\d+$/.test(python.version) ? `${python.version}.0` : python.version;
  return {
    os_name: 'posix',
    sys_platform: 'linux',
    platform_machine: machineOf(python.architecture),
    platform_python_implementation: 'CPython',
    platform_release: '',
    platform_system: 'Linux',
    platform_version: '',
    python_version: full.split('.').slice(0, 2).join('.'),
    python_full_version: full,
    implementation_name: 'cpython',
    implementation_version: full,
    extra: '',
  };
}

/** The kernel's name of a GOARCH: `amd64` is `x86_64`. */
export function machineOf(architecture: string): string {
  return architecture === 'amd64' ? 'x86_64' : architecture === 'arm64' ? 'aarch64' : architecture;
}
