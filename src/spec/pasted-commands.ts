import { redactUrls } from '../http/redact-url.ts';
import { isChannel, withChannels } from './channel-lines.ts';
import type { Ecosystem } from './image-spec.ts';

export interface PastedCommands {
  /** The packages that the commands name, one a line, by the tab they belong to. */
  readonly packages: Readonly<Record<Ecosystem, readonly string[]>>;
  /** What no package line can say: options with their values, and commands that install nothing; without the secrets of URLs. */
  readonly leftOut: readonly string[];
}

/**
 * Reads a pasted text as commands that install packages (`pip install a b`, `RUN apt-get update && apt-get install -y a`, …).
 * Undefined when not one of its commands does, as for a list of packages: then the text stays as it is.
 */
export function readPastedCommands(text: string): PastedCommands | undefined {
  const packages: Record<Ecosystem, string[]> = { apt: [], conda: [], pip: [] };
  const leftOut: string[] = [];
  let installs = false;
  for (const command of commandsOf(text)) {
    const install = findInstall(command);
    if (install === undefined) {
      leftOut.push(command);
      continue;
    }
    installs = true;
    leftOut.push(...install.settings);
    const read = readArguments(wordsOf(install.rest), valueOptions[install.ecosystem]);
    const { channels, options } =
      install.ecosystem === 'conda' ? partChannels(read) : { channels: [], options: read.options };
    packages[install.ecosystem].push(...withChannels(channels, read.names));
    leftOut.push(...options);
  }
  return installs ? { packages, leftOut: leftOut.map(redactUrls) } : undefined;
}

function commandsOf(text: string): string[] {
  const joined = text.replace(/^\uFEFF/, '').replace(/\\[ \t]*\r?\n/g, ' ');
  const commands = [''];
  // What stands in quotes is one piece, whatever it holds.
  for (const [piece] of joined.matchAll(/"[^"\n]*"|'[^'\n]*'|\r?\n|&&|\|\||;(?=\s|$)|[\s\S]/g)) {
    if (/^(?:\r?\n|&&|\|\||;)$/.test(piece)) commands.push('');
    else commands[commands.length - 1] += piece;
  }
  return commands.map((command) => command.trim()).filter((command) => command !== '' && !command.startsWith('#'));
}

/** A prompt, a notebook's sign, a Dockerfile's word, who it is run as, and what is set for it. */
const before = /^(?:[$!%>]\s*)?(?:RUN\s+)?(?:sudo\s+(?:-\S+\s+)*)?((?:[A-Za-z_]\w*=\S*\s+)*)/;

const installers: Readonly<Record<Ecosystem, RegExp>> = {
  apt: /^(?:apt|apt-get|aptitude)\s+(?:-\S+\s+)*install(?:\s+|$)/,
  conda: /^(?:conda|mamba|micromamba)\s+install(?:\s+|$)/,
  pip: /^(?:(?:python[\d.]*\s+-m\s+|uv\s+)?pip[\d.]*)\s+install(?:\s+|$)/,
};

interface Install {
  readonly ecosystem: Ecosystem;
  /** `TOKEN=…`: variables that are set, without what they are set to. */
  readonly settings: readonly string[];
  /** Words after `install`. */
  readonly rest: string;
}

function findInstall(command: string): Install | undefined {
  const [start, variables] = before.exec(command)!;
  const bare = command.slice(start.length);
  const settings = variables!
    .split(/\s+/)
    .filter(Boolean)
    .map((setting) => setting.replace(/=.*/, '=…'));
  for (const ecosystem of ['apt', 'conda', 'pip'] as const) {
    const words = installers[ecosystem].exec(bare)?.[0];
    if (words !== undefined) return { ecosystem, settings, rest: bare.slice(words.length) };
  }
  return undefined;
}

/** The channels among the options, which a line can say. */
function partChannels({ names, options }: ReturnType<typeof readArguments>) {
  const channelIn = (option: string) => {
    const channel = /^(?:-c|--channel)[ =](.+)$/.exec(option)?.[1];
    return channel !== undefined && names.length > 0 && isChannel(channel) ? channel : undefined;
  };
  return {
    channels: options.flatMap((option) => channelIn(option) ?? []),
    options: options.filter((option) => channelIn(option) === undefined),
  };
}

/** The words as a shell splits them; `numpy>=1` stays one word, as it was meant. */
function wordsOf(text: string): string[] {
  const words: string[] = [];
  for (const [word] of text.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"']|["'])+/g)) {
    if (word.startsWith('#')) break;
    words.push(word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'));
  }
  return words.filter((word) => word !== '');
}

/** The options whose value is the next word. */
const valueOptions: Readonly<Record<Ecosystem, ReadonlySet<string>>> = {
  apt: new Set(['-t', '--target-release', '--default-release', '-o', '--option', '-c', '--config-file']),
  conda: new Set(['-c', '--channel', '-n', '--name', '-p', '--prefix', '--file', '-f', '--solver', '--subdir']),
  pip: new Set(
    [
      ['-r', '--requirement', '-c', '--constraint', '-e', '--editable', '-i', '--index-url', '--extra-index-url'],
      ['-f', '--find-links', '-t', '--target', '--prefix', '--root', '--platform', '--python-version', '--abi'],
      ['--only-binary', '--no-binary', '--trusted-host', '--timeout', '--retries', '--proxy', '--cert', '--cache-dir'],
    ].flat(),
  ),
};

function readArguments(words: readonly string[], withValue: ReadonlySet<string>) {
  const names: string[] = [];
  const options: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at]!;
    if (!word.startsWith('-')) names.push(word);
    else if (withValue.has(word) && at + 1 < words.length) options.push(`${word} ${words[++at]}`);
    else options.push(word);
  }
  return { names, options };
}
