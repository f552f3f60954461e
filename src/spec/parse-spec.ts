import { BuilderError, isBuilderError, type Problem } from '../errors.ts';
import { parseReference } from '../oci/reference.ts';
import type { Sentence } from '../sentence.ts';
import { say } from '../sentence.ts';
import { type Ecosystem, ecosystems, type ImageSpec, type PackageLine } from './image-spec.ts';
import { nearName } from './near-name.ts';
import { toPackageLines } from './package-lines.ts';
import { shortened } from './shortened.ts';

export type ParsedSpec = { readonly spec: ImageSpec } | { readonly problems: readonly Problem[] };

export const maxSpecBytes = 2 * 1024 * 1024;
const maxNameLength = 63;
const namePattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const fields = ['name', 'displayName', 'description', 'type', 'base', 'cuda', 'packages', 'compileBytecode'] as const;
const types = ['cpu', 'gpu', 'universal'] as const;

/**
 * Reads a spec file (YAML or JSON). A package list is a list of strings or one text with a package a line. All that is wrong is
 * told at once. Throws `spec-invalid` for a file beyond 2 MiB.
 */
export async function parseSpecFile(text: string): Promise<ParsedSpec> {
  if (Buffer.byteLength(text) > maxSpecBytes) {
    throw new BuilderError(
      'spec-invalid',
      say`The spec has ${Buffer.byteLength(text)} bytes; at most ${maxSpecBytes} are read`,
      {
        hint: say`Check that the file is a spec and not, say, an archive.`,
      },
    );
  }
  const document = await parseYaml(text);
  return 'problems' in document ? document : parseSpec(document.value);
}

async function parseYaml(text: string): Promise<{ value: unknown } | { problems: readonly Problem[] }> {
  const { parseDocument } = await import('yaml');
  const document = parseDocument(text, { prettyErrors: true, uniqueKeys: true, schema: 'core', logLevel: 'silent' });
  const problems = document.errors.slice(0, 20).map(
    ({ message, linePos }): Problem => ({
      field: '',
      code: 'yaml-invalid',
      message: say`The spec is not well-formed YAML: ${shortened(message.split('\n')[0]!.replace(/:$/, ''))}`,
      ...(linePos && { line: linePos[0].line, text: shortened(text.split('\n')[linePos[0].line - 1] ?? '') }),
    }),
  );
  if (problems.length > 0) return { problems };
  try {
    return { value: document.toJS({ maxAliasCount: 0 }) };
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    return {
      problems: [
        { field: '', code: 'yaml-invalid', message: say`The spec uses YAML aliases (*name), which are not read` },
      ],
    };
  }
}

/** Checks a spec that was read from YAML or JSON or sent by a form. */
export function parseSpec(value: unknown): ParsedSpec {
  if (!isRecord(value)) {
    const message = say`The spec must be a mapping with "name", "base" and "packages"`;
    return { problems: [{ field: '', code: 'spec-invalid', message }] };
  }
  const problems: Problem[] = [...unknownFields(value, fields, '')];
  const report = (field: string, code: string, message: Sentence, hint?: Sentence) =>
    problems.push({ field, code, message, ...(hint !== undefined && { hint }) });

  const name = requiredText(value, 'name', report);
  if (name !== undefined && (name.length > maxNameLength || !namePattern.test(name))) {
    const hint = say`Use up to ${maxNameLength} lower-case letters, digits, "-" and ".", as in research-notebook.`;
    report('name', 'name-invalid', say`"${shortened(name)}" cannot name an image`, hint);
  }
  const base = requiredText(value, 'base', report);
  if (base !== undefined) checkBase(base, report);
  const type = value.type ?? 'universal';
  if (!types.some((known) => known === type))
    report('type', 'type-invalid', say`type must be one of ${types.join(', ')}`);
  const displayName = optionalText(value, 'displayName', report);
  const description = optionalText(value, 'description', report);
  const cuda = parseCuda(value.cuda, report);
  const packages = parsePackages(value.packages, problems);
  const compileBytecode = optionalBoolean(value, 'compileBytecode', report);

  if (problems.length > 0) return { problems };
  return {
    spec: {
      name: name!,
      ...(displayName !== undefined && { displayName }),
      ...(description !== undefined && { description }),
      type: type as ImageSpec['type'],
      base: base!,
      ...(cuda !== undefined && { cuda }),
      packages,
      ...(compileBytecode === true && { compileBytecode }),
    },
  };
}

type Report = (field: string, code: string, message: Sentence, hint?: Sentence) => void;

function checkBase(base: string, report: Report): void {
  try {
    parseReference(base);
  } catch (error) {
    if (!isBuilderError(error, 'reference-invalid')) throw error;
    report('base', error.code, error.message, error.hint);
  }
}

/** A number, as YAML reads it without quotes, would lose the zero of `12.10`. */
function parseCuda(value: unknown, report: Report): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string' && /^\d{1,2}(?:\.\d{1,2}){0,2}$/.test(value)) return value;
  report('cuda', 'cuda-invalid', say`cuda must be a version of CUDA in quotes`, say`Write it as cuda: "12.4".`);
  return undefined;
}

function parsePackages(value: unknown, problems: Problem[]): ImageSpec['packages'] {
  const field = 'packages';
  const lists: Record<Ecosystem, readonly PackageLine[]> = { apt: [], conda: [], pip: [] };
  if (value !== undefined && value !== null && !isRecord(value)) {
    const hint = say`Write the lists under ${ecosystems.join(', ')}, as in "pip: [numpy]".`;
    problems.push({
      field,
      code: 'type-mismatch',
      message: say`packages must be a mapping, not ${kindOf(value)}`,
      hint,
    });
    return lists;
  }
  const before = problems.length;
  const record = isRecord(value) ? value : {};
  problems.push(...unknownFields(record, ecosystems, 'packages.'));
  for (const ecosystem of ecosystems)
    lists[ecosystem] = parseList(record[ecosystem], `${field}.${ecosystem}`, problems);
  if (problems.length === before && ecosystems.every((ecosystem) => lists[ecosystem].length === 0)) {
    const hint = say`Add a line under packages.apt, packages.conda or packages.pip.`;
    problems.push({
      field,
      code: 'packages-missing',
      message: say`The spec asks for no package; at least one is needed`,
      hint,
    });
  }
  return lists;
}

function parseList(value: unknown, field: string, problems: Problem[]): readonly PackageLine[] {
  if (value === undefined || value === null) return [];
  if (typeof value !== 'string' && !Array.isArray(value)) {
    const message = say`${field} must be a list of texts or one text with a package a line, not ${kindOf(value)}`;
    problems.push({ field, code: 'type-mismatch', message });
    return [];
  }
  const wrong =
    typeof value === 'string' ? [] : value.flatMap((item, index) => (typeof item === 'string' ? [] : [index]));
  for (const index of wrong.slice(0, 20)) {
    const message = say`A package must be a text, not ${kindOf((value as unknown[])[index])}`;
    const hint = say`Put the line in quotes.`;
    problems.push({ field, line: index + 1, code: 'type-mismatch', message, hint });
  }
  if (wrong.length > 0) return [];
  const { lines, problems: found } = toPackageLines(value, field);
  problems.push(...found);
  return lines;
}

function requiredText(record: Record<string, unknown>, field: string, report: Report): string | undefined {
  if (record[field] === undefined || record[field] === null || record[field] === '') {
    report(field, 'field-missing', say`${field} is missing`);
    return undefined;
  }
  return optionalText(record, field, report);
}

function optionalText(record: Record<string, unknown>, field: string, report: Report): string | undefined {
  const value = record[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') report(field, 'type-mismatch', say`${field} must be a text, not ${kindOf(value)}`);
  else if (value.length > 10_000)
    report(field, 'text-too-long', say`${field} has ${value.length} characters; at most 10000 are kept`);
  else if (/[^\P{Cc}\n\t\r]/u.test(value)) report(field, 'character-invalid', say`${field} holds a control character`);
  else return value;
  return undefined;
}

function optionalBoolean(record: Record<string, unknown>, field: string, report: Report): boolean | undefined {
  const value = record[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'boolean') return value;
  report(field, 'type-mismatch', say`${field} must be true or false, not ${kindOf(value)}`);
  return undefined;
}

function unknownFields(record: Record<string, unknown>, known: readonly string[], prefix: string): readonly Problem[] {
  const unknown = Object.keys(record).filter((key) => !known.includes(key));
  return unknown.slice(0, 20).map((key) => {
    const near = nearName(key, known);
    return {
      field: `${prefix}${shortened(key)}`,
      code: 'field-unknown',
      message: say`"${shortened(key)}" is not a field of ${prefix === '' ? say`a spec` : prefix.slice(0, -1)}`,
      hint: near === undefined ? say`Known are ${known.join(', ')}.` : say`Did you mean "${near}"?`,
    };
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (value === null) return say`no value`;
  if (Array.isArray(value)) return say`a list`;
  if (typeof value === 'object') return say`a mapping`;
  return typeof value === 'string' ? say`a text` : shortened(String(value));
}
