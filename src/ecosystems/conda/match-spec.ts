import { type Sentence, say } from '../../sentence.ts';
import { normalVersionSpec } from './version-spec.ts';

/** What is asked for: `channel/subdir::name version build [key=value]` (CEP-29). */
export interface MatchSpec {
  /** Name or URL, as written: `conda-forge`. */
  readonly channel?: string;
  /** `linux-64`, `noarch` */
  readonly subdir?: string;
  /** In lower case. */
  readonly name: string;
  /** As `normalVersionSpec` spells it. */
  readonly version?: string;
  /** A build string, a glob (`py311*`) or a regular expression (`^py3.*$`). */
  readonly build?: string;
  /** `>=2`, `3` */
  readonly buildNumber?: string;
  readonly md5?: string;
  readonly sha256?: string;
  /** File name of the package. */
  readonly filename?: string;
}

/** What is wrong with a match spec, a sentence each without its full stop. */
export interface MatchSpecFault {
  readonly fault: Sentence;
  readonly hint: Sentence;
}

const namePattern = /^[a-z0-9_][a-z0-9_.-]{0,199}$/;

/** Reads a match spec by the whole grammar, or says what is wrong with it. */
export function parseMatchSpec(text: string): { readonly spec: MatchSpec } | MatchSpecFault {
  const parts = splitBrackets(text.trim());
  if ('fault' in parts) return parts;
  const located = splitChannel(parts.bare);
  if ('fault' in located) return located;
  const constrained = splitConstraints(located.rest);
  if ('fault' in constrained) return constrained;
  const keys = readBrackets(parts.brackets);
  if ('fault' in keys) return keys;
  const name = constrained.name.toLowerCase();
  if (keys.name !== undefined && name !== '' && keys.name !== name) return fault(say`It names two packages`, oneName);
  const { rest: _, ...place } = located;
  return complete({ ...place, ...constrained, ...keys, name: name || (keys.name ?? '') });
}

const oneName = say`Name the package once.`;
const usualForms = say`Write it as name, name=1.2, "name>=1,<2", name=1.2=build or channel::name.`;

function complete(spec: MatchSpec): { readonly spec: MatchSpec } | MatchSpecFault {
  const { name, version, build } = spec;
  if (/[*?^$]/.test(name)) return fault(say`Names of packages are not patterns`, say`Write each package by its name.`);
  if (!namePattern.test(name)) return fault(say`This does not name a conda package`, usualForms);
  const normal = version === undefined ? undefined : normalVersionSpec(version);
  if (version !== undefined && normal === undefined) {
    return fault(
      say`"${shown(version)}" is no version constraint`,
      say`Write it as 1.2.*, ">=1,<2", "1.2|1.3" or ~=1.2.`,
    );
  }
  if (build !== undefined && !/^(?:[\w.+*-]{1,200}|\^[\x21-\x7e]{0,200}\$)$/.test(build)) {
    return fault(say`"${shown(build)}" is no build`, say`Write it as in py311h1234567_0 or py311*.`);
  }
  const { version: _, ...rest } = spec;
  return { spec: { ...rest, ...(normal !== undefined && { version: normal }) } };
}

function splitBrackets(text: string): { readonly bare: string; readonly brackets: string } | MatchSpecFault {
  const at = text.indexOf('[');
  if (at < 0) return text.includes(']') ? unbalanced : { bare: text, brackets: '' };
  const end = text.lastIndexOf(']');
  if (end < at) return unbalanced;
  if (end !== text.length - 1) {
    return fault(say`Something stands after "]"`, say`Put the brackets at the end, as in name[version=">=1"].`);
  }
  return { bare: text.slice(0, at).trim(), brackets: text.slice(at + 1, end).trim() };
}

const unbalanced = fault(say`The brackets do not match`, say`Write it as name[key="value"].`);

type Located = Pick<MatchSpec, 'channel' | 'subdir'> & { readonly rest: string };

/** `channel/subdir:namespace:rest`; the namespace is of no meaning (and must be empty) in conda itself. */
function splitChannel(text: string): Located | MatchSpecFault {
  const at = text.lastIndexOf('::');
  if (at < 0) {
    return /^[\w.-]+:/.test(text) && !text.includes('://')
      ? fault(say`Namespaces are not known`, say`Write the channel with two colons, as in channel::name.`)
      : { rest: text };
  }
  const place = text.slice(0, at);
  const rest = text.slice(at + 2);
  const secret = /^[a-z]+:\/\/(?:[^/\s]*@|[^/\s]+\/t\/)/i.test(place);
  if (secret)
    return fault(
      say`The URL of the channel holds credentials`,
      say`Leave them out; they belong to the settings of the channel.`,
    );
  if (
    /^\s*$/.test(place) ||
    /\s/.test(place) ||
    (place.includes(':') && !/^https?:\/\/[^:]+(?::\d+)?[^:]*$/i.test(place))
  ) {
    return fault(say`"${shown(place)}" names no channel`, say`Write it as channel::name.`);
  }
  const split = /^(.+)\/(noarch|linux-[a-z0-9]+|osx-[a-z0-9]+|win-[a-z0-9]+)$/.exec(place);
  return split === null ? { channel: place, rest } : { channel: split[1]!, subdir: split[2]!, rest };
}

type Constrained = Pick<MatchSpec, 'name' | 'version' | 'build'>;

/** `name`, `name 1.2 build`, `name=1.2=build`, `name>=1,<2`. */
function splitConstraints(text: string): Constrained | MatchSpecFault {
  const match = /^\s*([^\s=<>!~,|()]*)\s*([\s\S]*)$/.exec(text)!;
  const name = match[1]!;
  const rest = match[2]!.trim();
  if (rest === '') return { name };
  if (rest.startsWith('(')) return fault(say`Parentheses after a name are not known`, usualForms);
  const words = rest
    .replace(/([,|=<>!~(])\s+/g, '$1')
    .replace(/\s+([,|)])/g, '$1')
    .split(/\s+/);
  if (words.length > 2) return fault(say`More stands here than a name, a version and a build`, usualForms);
  const joined = /^={1,2}([^=<>!~,|()\s]+)=([^=\s]+)$/.exec(words[0]!);
  if (joined !== null) {
    if (words.length > 1) return fault(say`The build stands here twice`, usualForms);
    // With a build after it, the version is meant as it stands: `name=1.2=build`.
    return { name, version: joined[1]!, build: joined[2]! };
  }
  const [version, build] = words;
  return { name, version: version!, ...(build !== undefined && { build }) };
}

const keyPattern = /^\s*([A-Za-z_]\w*)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s,'"]+))\s*(?:,|$)/;

/** The keys that are heeded, and what their values look like. */
const known: Readonly<Record<string, { readonly member: keyof MatchSpec; readonly pattern: RegExp }>> = {
  name: { member: 'name', pattern: /^[\w.-]+$/ },
  version: { member: 'version', pattern: /^./ },
  build: { member: 'build', pattern: /^./ },
  build_number: { member: 'buildNumber', pattern: /^(?:==?|!=|<=|>=|<|>)?\d{1,9}$/ },
  channel: { member: 'channel', pattern: /^[^\s:@]+$|^https?:\/\/(?![^/]+\/t\/)[^\s@]+$/ },
  subdir: { member: 'subdir', pattern: /^[a-z0-9-]+$/ },
  md5: { member: 'md5', pattern: /^[0-9a-f]{32}$/i },
  sha256: { member: 'sha256', pattern: /^[0-9a-f]{64}$/i },
  fn: { member: 'filename', pattern: /^[\w.+!-]+$/ },
};

function readBrackets(text: string): Partial<MatchSpec> | MatchSpecFault {
  const keys: Record<string, string> = {};
  for (let rest = text; rest !== ''; ) {
    const match = keyPattern.exec(rest);
    if (match === null) {
      return /^[\w.-]+(?:\s*,\s*[\w.-]+)*$/.test(text)
        ? fault(say`conda packages have no extras`, say`Remove the brackets, or put the line on the pip list.`)
        : fault(say`The brackets hold no keys with values`, say`Write it as name[key="value"].`);
    }
    rest = rest.slice(match[0].length).trim();
    const key = match[1]!;
    const value = match[2] ?? match[3] ?? match[4]!;
    const entry = Object.hasOwn(known, key) ? known[key] : undefined;
    if (entry === undefined) {
      return fault(say`The key "${shown(key)}" is not heeded`, say`Keys that are: ${Object.keys(known).join(', ')}.`);
    }
    if (!entry.pattern.test(value)) return fault(say`"${shown(value)}" is no value of ${key}`, say`Correct it.`);
    if (Object.hasOwn(keys, entry.member))
      return fault(say`The key "${key}" stands here twice`, say`Leave one of them.`);
    keys[entry.member] = /^(?:md5|sha256|name)$/.test(key) ? value.toLowerCase() : value;
  }
  return keys;
}

/** As the solver is asked: without what only says which records count, `numpy[version="1.17.*",build="py311*"]`. */
export function solverSpec({ name, version, build, buildNumber }: MatchSpec): string {
  const keys = [
    ...(version === undefined ? [] : [`version="${version}"`]),
    ...(build === undefined ? [] : [`build="${build}"`]),
    ...(buildNumber === undefined ? [] : [`build_number="${buildNumber}"`]),
  ];
  return keys.length === 0 ? name : `${name}[${keys.join(',')}]`;
}

/** The one spelling of a spec, which every tool of conda reads: `conda-forge::numpy 1.17.* py38*`. */
export function formatMatchSpec(spec: MatchSpec): string {
  const { channel, subdir, name, version, build, buildNumber, md5, sha256, filename } = spec;
  const place = channel === undefined ? '' : `${channel}${subdir === undefined ? '' : `/${subdir}`}::`;
  const constraints = build === undefined ? (version ?? '') : `${version ?? '*'} ${build}`;
  const keys = Object.entries({
    ...(channel === undefined && { subdir }),
    build_number: buildNumber,
    md5,
    sha256,
    fn: filename,
  }).flatMap(([key, value]) => (value === undefined ? [] : [`${key}="${value}"`]));
  return `${place}${name}${constraints === '' ? '' : ` ${constraints}`}${keys.length === 0 ? '' : `[${keys.join(',')}]`}`;
}

function fault(text: Sentence, hint: Sentence): MatchSpecFault {
  return { fault: text, hint };
}

function shown(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}
