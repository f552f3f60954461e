import type { Problem } from '../../errors.ts';
import { redactUrls } from '../../http/redact-url.ts';
import { type Sentence, say } from '../../sentence.ts';
import type { PackageLine } from '../../spec/image-spec.ts';
import { shortened } from '../../spec/shortened.ts';
import { type MatchSpec, parseMatchSpec } from './match-spec.ts';

/** What a line asks for. */
export interface CondaRequest {
  readonly line: PackageLine;
  readonly spec: MatchSpec;
  /** Channels that it puts before all others, in their order: `-c pytorch -c nvidia`. */
  readonly channels: readonly string[];
}

export const condaField = 'packages.conda';

/**
 * Reads a line: a match spec, or the words that follow `conda install`: `-c pytorch pytorch`, `-c conda-forge::numpy==1.17*`. Or says
 * what is wrong with it.
 */
export function readCondaLine(line: PackageLine): CondaRequest | { readonly problem: Problem } {
  const refusal = refusalOf(line.text);
  if (refusal !== undefined) return { problem: condaProblem(line, refusal) };
  const options = splitOptions(line.text);
  if ('code' in options) return { problem: condaProblem(line, options) };
  const answer = parseMatchSpec(options.rest);
  if ('fault' in answer) {
    const { fault, hint } = severalPackages(options.rest) ?? answer;
    return { problem: condaProblem(line, lineInvalid(fault, hint)) };
  }
  if (!answer.spec.name.startsWith('__')) return { line, spec: answer.spec, channels: options.channels };
  const message = say`${answer.spec.name} is no package but says what the machine has`;
  const hint =
    answer.spec.name === '__cuda'
      ? say`Say the version of CUDA in the field "cuda" of the spec.`
      : say`Remove the line.`;
  return { problem: condaProblem(line, lineInvalid(message, hint)) };
}

/** A problem at a line of the conda list. Secrets of URLs are not repeated. */
export function condaProblem(
  { line, text }: PackageLine,
  { code, message, hint }: Pick<Problem, 'code' | 'message' | 'hint'>,
): Problem {
  const shown = shortened(redactUrls(text));
  return { field: condaField, line, text: shown, code, message, ...(hint !== undefined && { hint }) };
}

type Refusal = Required<Pick<Problem, 'code' | 'message' | 'hint'>>;

function lineInvalid(message: Sentence, hint: Sentence): Refusal {
  return { code: 'line-invalid', message, hint };
}

/** What people paste that is no match spec. */
function refusalOf(text: string): Refusal | undefined {
  if (/^(?:[$!%>]\s*)?(?:sudo\s+)?(?:conda|mamba|micromamba|pixi)\s/.test(text)) {
    return lineInvalid(
      say`A command stands here, not a package`,
      say`Write the names of its packages alone, one a line.`,
    );
  }
  if (/^(["']).*\1$/.test(text)) return lineInvalid(say`The line stands in quotes`, say`Leave the quotes out.`);
  if (
    /^(?:\.{0,2}\/|[a-z+]+:\/\/[^\s]*(?:\.conda|\.tar\.bz2)\b)/i.test(text) ||
    /^[^\s[]+\.(?:conda|tar\.bz2)$/.test(text)
  ) {
    return lineInvalid(
      say`Files and URLs of packages are not installed`,
      say`Name the package, and its channel as in channel::name.`,
    );
  }
  if (/^[a-z+]+:\/\/[^:\s]*(?::\d+)?[^:\s]*$/i.test(text)) {
    return lineInvalid(
      say`A URL stands here, not a package`,
      say`Name the package, and its channel as in channel::name.`,
    );
  }
  if (/;\s*[a-z_]+\s*(?:[<>=!~]|in\b)/.test(text) || /^[\w.-]+\s*(?:\[[^\]]*\])?\s*@\s/.test(text)) {
    return lineInvalid(say`This is a requirement of pip`, say`Put the line on the pip list.`);
  }
  return undefined;
}

/** Takes the channels off the front of a line. */
function splitOptions(text: string): { readonly channels: readonly string[]; readonly rest: string } | Refusal {
  const channels: string[] = [];
  let rest = text;
  for (let match = option.exec(rest); match !== null; match = option.exec(rest)) {
    const { channel, spec } = match.groups as { channel?: string; spec?: string };
    // `-c conda-forge::numpy`: a channel and a package in one word.
    if (spec !== undefined) return { channels, rest: rest.slice(rest.indexOf(spec)) };
    if (/@|\/t\//.test(channel!)) {
      return lineInvalid(
        say`The URL of the channel holds credentials`,
        say`Leave them out; they belong to the settings of the channel.`,
      );
    }
    channels.push(channel!);
    rest = rest.slice(match[0].length);
  }
  if (/^-{1,2}\w/.test(rest)) {
    const name = /^-{1,2}[\w-]+/.exec(rest)![0];
    if (/^(?:-c|--channel)$/.test(name)) {
      return lineInvalid(say`A channel is named, but no package`, say`Write it as -c channel name.`);
    }
    return lineInvalid(
      say`The option ${name} of conda is not taken from a package list`,
      say`Of the options, only -c is.`,
    );
  }
  return { channels, rest };
}

const option =
  /^(?:-c\s*|--channel(?:\s+|=))(?:(?<spec>[^\s]+::[^\s].*$)|(?<channel>[^\s:=<>!~[\]]+|https?:\/\/[^\s]+)\s+(?=\S))/;

/** `numpy pandas`: what a list looks like that stands in one line. */
function severalPackages(text: string): { readonly fault: Sentence; readonly hint: Sentence } | undefined {
  const words = text.split(/\s+/);
  if (words.length < 2 || !/^[a-z]/i.test(words[1]!) || words[1]!.includes('*')) return undefined;
  return { fault: say`Several words stand in one line`, hint: say`Write one package a line.` };
}
