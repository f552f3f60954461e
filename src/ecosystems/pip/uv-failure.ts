import { BuilderError, type Problem } from '../../errors.ts';
import { normalisedName } from '../../rootfs/normalised-name.ts';
import { quoted, type Sentence, say } from '../../sentence.ts';
import type { PackageLine } from '../../spec/image-spec.ts';
import { packageOfImport } from './import-names.ts';
import { formatRequirement, type Requirement } from './requirement.ts';
import { pipField, problemAt, withoutSecrets } from './requirement-line.ts';
import { parseWheelFilename } from './tags.ts';

type Refusal = Pick<Problem, 'code' | 'message' | 'hint'>;

/** A line that is asked of the solver. */
export interface RequirementLine {
  readonly line: PackageLine;
  readonly requirement: Requirement;
}

/**
 * Turns what uv says into problems at the lines that it is about; at none when uv names no line. Throws `registry-unavailable` when an
 * index does not answer or refuses us, and `resolver-failed` for what is not about the packages.
 */
export function explainFailure(stderr: string, lines: readonly RequirementLine[]): readonly Problem[] {
  const said = withoutSecrets(stderr.slice(0, 100_000));
  const fetched = /Failed to fetch: `?(\S+?)`?\s/.exec(`${said} `)?.[1];
  const ofLine = lines.filter(
    ({ requirement }) => requirement.url !== undefined && fetched?.startsWith(bare(requirement.url)),
  );
  if (ofLine.length > 0) {
    const isAbsent = /\b(?:404|410)\b/.test(said);
    return ofLine.map(({ line }) => problemAt(line, isAbsent ? nothingThere : unreachable(said)));
  }
  if (fetched !== undefined || /lack of valid authentication|\b403 Forbidden\b/.test(said))
    throw indexFailure(said, fetched);

  const causes = said.split(/^hint: /m)[0]!.replace(/^error: No solution found[^\n]*\n\s*cause: /, '');
  const reason = quoted(cleaned(causes));
  const blamed = blamedLines(causes, lines);
  const refusal = refusalOf(said, reason);
  if (refusal === undefined && blamed.length === 0) {
    throw new BuilderError('resolver-failed', say`The package solver (uv) failed: ${reason}`);
  }
  const found = refusal ?? { code: 'conflict', message: reason };
  if (blamed.length > 0) {
    return blamed.map(({ line, requirement }) => problemAt(line, { ...found, ...importHint(found.code, requirement) }));
  }
  return [{ field: pipField, ...found }];
}

/** Normalised names of the packages that uv finds no wheel of for this Python and machine. */
export function packagesWithoutWheels(stderr: string): readonly string[] {
  const text = stderr.replace(/\s+/g, ' ');
  const found = text.matchAll(
    /([a-z0-9][a-z0-9.-]*?)(?:\[[^\]]*\])?(?:[<>=!~][^ ]*)? has no (?:usable wheels|wheels with a matching)|(?:all|all of these|some) versions of ([a-z0-9.-]+) have no (?:usable wheels|wheels with)|Wheels are required for `([^`]+)`/g,
  );
  return [...new Set([...found].map(([, one, all, hinted]) => normalisedName(one ?? all ?? hinted!)))];
}

const nothingThere = {
  code: 'package-not-found',
  message: say`There is nothing at the URL`,
  hint: say`Check the URL.`,
};

/** The proxy that guards what uv connects to refuses a tunnel. */
function unreachable(said: string): Refusal {
  const code = 'url-unreachable';
  if (/tunnel error/.test(said)) {
    const message = say`The URL leads to an address that this service may not reach`;
    return { code, message, hint: say`Use a host on the public internet, or ask the administrator to allow this one.` };
  }
  const message = say`The URL cannot be fetched: ${causesOf(said).slice(-2).join(': ') || say`no answer`}`;
  return { code, message, hint: say`Check the URL, and that its host can be reached from here without a password.` };
}

function causesOf(said: string): readonly string[] {
  return [...said.matchAll(/^\s*cause: (.+)$/gm)].map((match) => match[1]!);
}

function bare(url: string): string {
  return url.split('#')[0]!;
}

function indexFailure(said: string, fetched: string | undefined): BuilderError {
  const causes = causesOf(said);
  const host = fetched !== undefined && URL.canParse(fetched) ? new URL(fetched).host : undefined;
  const place = host ?? /\((https?:\/\/[^\s)]+)\)/.exec(said)?.[1] ?? '';
  // Not a port, nor the beginning of one.
  const refused = /(?<!:)\b(40[13])\b/.exec(said)?.[1];
  return new BuilderError(
    'registry-unavailable',
    refused === undefined
      ? say`The package index ${place} cannot be reached: ${causes.slice(-2).join(': ') || say`no answer`}`
      : say`The package index ${place} refuses us (${refused})`,
    {
      hint:
        refused === undefined
          ? say`Check the network, the proxy variables and the address of the index.`
          : say`Check the credentials of the index, in UV_INDEX_URL or where the administrator set it up.`,
    },
  );
}

/** What kind of failure it is, by the phrases that uv has for each. */
function refusalOf(said: string, reason: Sentence): Refusal | undefined {
  const absent = /([a-z0-9.-]+) was not found in the package registry/.exec(said)?.[1];
  if (absent !== undefined) return notFound(absent, reason);
  if (/was included as a URL dependency/.test(said)) {
    return { code: 'url-dependency', message: reason, hint: say`Add that "name @ URL" as a line of its own.` };
  }
  if (/Failed to (?:unzip|read|extract|parse)|Invalid (?:wheel|zip)|Metadata field/i.test(said)) {
    return {
      code: 'package-corrupt',
      message: reason,
      hint: say`Ask whoever keeps the package index to replace the file.`,
    };
  }
  const unmatched = /no wheels with a matching [A-Za-z ]*?(Python|platform|ABI)/.exec(said)?.[1];
  if (/no usable wheels/.test(said) || unmatched !== undefined) {
    const found = /^hint: (?:Wheels are available|You require|.*only found wheels)[^\n]*/m.exec(said)?.[0].slice(6);
    return {
      code: 'no-wheel',
      message: found === undefined ? rootOf(reason) : say`${rootOf(reason)} ${found}`,
      hint:
        unmatched === undefined
          ? say`There is only source that cannot be built here, or wheels for other Pythons and machines. Try another version.`
          : say`Try another version, or a base image with a Python and a C library that its wheels are for.`,
    };
  }
  if (/does not satisfy Python/.test(said)) {
    return {
      code: 'python-incompatible',
      message: rootOf(reason),
      hint: say`Allow another version of the package, or choose a base image with such a Python.`,
    };
  }
  if (
    /is available and|are available and|there (?:is|are) no versions? of|was yanked/.test(said) &&
    !/depends? on/.test(said)
  ) {
    return { code: 'version-not-found', message: reason, hint: say`Allow a version that there is.` };
  }
  if (/No solution found/.test(said)) {
    return { code: 'conflict', message: reason, hint: say`Loosen or remove one of the lines that the reason names.` };
  }
  return undefined;
}

/** Some import names are packages too, left there so that nobody else takes the name. */
function importHint(code: string, { name }: Requirement): Pick<Problem, 'hint'> {
  const meant = ['no-wheel', 'package-not-found'].includes(code) ? packageOfImport(normalisedName(name)) : undefined;
  return meant === undefined ? {} : { hint: say`Did you mean ${meant}?` };
}

function notFound(name: string, reason: Sentence): Pick<Problem, 'code' | 'message' | 'hint'> {
  return {
    code: 'package-not-found',
    message: /depends? on/.test(reason) ? rootOf(reason) : say`There is no package "${name}" in the package index`,
    hint: say`Check the spelling; the name to install is not always the name to import.`,
  };
}

/** The first fact of a long proof; what follows from it for each version in between helps nobody. */
function rootOf(reason: Sentence): Sentence {
  const root = /^Because (.+?) and (?!\d)/.exec(reason)?.[1];
  return reason.length <= 500 || root === undefined
    ? reason
    : say`What the line asks for needs a package that cannot be had: ${root}.`;
}

/** uv's reason as one paragraph, without the ending that every one has. */
function cleaned(causes: string): string {
  const text = causes
    .replace(/^error: /, '')
    .replace(/\s*\n\s*(?:cause: )?/g, ' ')
    .replace(/,? (?:so )?we can conclude that your requirements are unsatisfiable\./g, '.')
    // It is the "current" one where the Python that uv runs with happens to be of the same version.
    .replace(/the (?:requested|current) Python version \((?:>=)?([\d.]+)\)/g, 'Python $1 of the base')
    .replace(/in the package registry/g, 'in the package index')
    .trim();
  return text.length <= 2000 ? text : `${text.slice(0, 2000)}…`;
}

/**
 * The lines that uv's proof rests on. It begins each step with what "you require"; what it concludes on the way is no line. Where no
 * line is found so, every line whose name occurs is meant.
 */
function blamedLines(causes: string, lines: readonly RequirementLine[]): readonly RequirementLine[] {
  const text = causes.replace(/\s+/g, ' ');
  const required = [...text.matchAll(/(?<!conclude that )you require (.*?)(?=, we can conclude|\. |\.$|$)/g)].flatMap(
    ([, list]) => namesListed(list!),
  );
  const named = lines.filter(({ requirement }) => required.some((item) => isAbout(item, requirement)));
  if (named.length > 0) return named;
  const words = new Set([...text.matchAll(/[\w.+!-]+/g)].map(([word]) => nameIn(word)));
  return lines.filter(({ requirement }) => words.has(normalisedName(requirement.name)));
}

/** The package that a word of the text names: itself, or that of a wheel's file name. */
function nameIn(word: string): string {
  return parseWheelFilename(word)?.name ?? normalisedName(word.replace(/[.!]+$/, ''));
}

/** `a>=2 and one of: b<1 b>2 and all versions of c depend on d`: the names up to the first clause that is a sentence, `a` and `b`. */
function namesListed(list: string): readonly string[] {
  const items: string[] = [];
  for (const part of list.split(/ and /)) {
    const alternatives = part
      .replace(/^one of: /, '')
      .trim()
      .split(' ');
    if (!alternatives.every((item) => /^[a-z0-9][a-z0-9.-]*(?:\[[^\]]*\])?(?:[<>=!~].*)?$/.test(item))) break;
    items.push(...alternatives);
  }
  return items;
}

function isAbout(item: string, requirement: Requirement): boolean {
  return /^[a-z0-9.-]+?(?=[[<>=!~]|$)/.exec(item)?.[0] === normalisedName(requirement.name);
}

/** What uv is asked for a line whose marker holds: `pandas[excel]>=2`. */
export function withoutMarker({ marker: _marker, ...requirement }: Requirement): string {
  return formatRequirement(requirement);
}
