import type { Completion, CompletionContext, CompletionResult, CompletionSource } from '@codemirror/autocomplete';
import { toPackageLines } from '../../../spec/package-lines.ts';
import type { PackageNames } from '../../data/package-lookup.ts';
import type { PackageKind } from './draft.ts';

/** Where a name is written, and what stands before it: `pytorch::to`, `git jq`. A line of APT may name several. */
const places: Readonly<Record<PackageKind, RegExp>> = {
  apt: /^(?:[^#]*\s)?()([a-z0-9][a-z0-9+.-]*)$/,
  conda: /^\s*(?:(?:-c|--channel)[\s=]+\S+\s+)*(?:([\w.:/-]+)::)?([a-z0-9_][\w.-]*)$/i,
  pip: /^\s*()([a-z0-9][\w.-]*)$/i,
};
const nameCharacter = /[\w.+-]/;

export interface WrittenName {
  readonly written: string;
  /** The channel of conda that stands before it. */
  readonly channel?: string;
}

/** The name that is being written at the end of a text. */
export function readName(kind: PackageKind, before: string): WrittenName | undefined {
  const [, channel, written] = places[kind].exec(before) ?? [];
  if (written === undefined) return undefined;
  return { written, ...(channel && { channel }) };
}

/** What lines put before the channels that are set up: `-c pytorch -c nvidia`. */
export function channelsIn(text: string): readonly string[] {
  const { lines } = toPackageLines(text, '');
  const named = lines.flatMap((line) => [...line.text.matchAll(/(?:^|\s)(?:-c|--channel)[\s=]+([^\s:,]+)(?=\s)/g)]);
  return [...new Set(named.map(([, channel]) => channel!))];
}

const comingPauseMs = 500;
const comingPauses = 60;
/** Where some are there: a channel that takes longer than the others keeps nobody from what they have. */
const comingPausesWithSome = 4;
/** Of a single letter nobody wants to hear. */
const shortest = 2;

/** Completes names of packages. While their list is on its way it goes on asking, as long as one does not go on writing. */
export function nameCompletion(
  kind: PackageKind,
  namesOf: (name: WrittenName, text: string) => Promise<PackageNames>,
): CompletionSource {
  return async (context: CompletionContext): Promise<CompletionResult | null> => {
    const { state, pos, explicit } = context;
    const line = state.doc.lineAt(pos);
    const name = readName(kind, state.sliceDoc(line.from, pos));
    if (name === undefined || nameCharacter.test(state.sliceDoc(pos, pos + 1))) return null;
    const { written } = name;
    if (written.length < shortest && !explicit) return null;
    const found = await whenThere(context, () => namesOf(name, state.doc.toString()));
    if (!explicit && found.names.every((each) => each.name === written)) return null;
    return completionOf(found, name, pos - written.length, kind);
  };
}

async function whenThere(context: CompletionContext, ask: () => Promise<PackageNames>): Promise<PackageNames> {
  let found = await ask();
  const isWaiting = (pauses: number) =>
    found.isComing && pauses < (found.names.length === 0 ? comingPauses : comingPausesWithSome);
  for (let pauses = 0; isWaiting(pauses); pauses++) {
    await new Promise((resolve) => setTimeout(resolve, comingPauseMs));
    if (context.aborted) break;
    found = await ask();
  }
  return found;
}

/** Narrowed down at once while one goes on writing, where these are all that there are; else others are asked for. */
function completionOf(
  found: PackageNames,
  name: WrittenName,
  from: number,
  kind: PackageKind,
): CompletionResult | null {
  if (found.names.length === 0) return null;
  return {
    from,
    options: found.names.map(optionOf),
    filter: false,
    update: (_current, start, to, { state }) => {
      const more = readName(kind, state.sliceDoc(start, to));
      if (!found.isAll || found.isComing || !more?.written.startsWith(name.written)) return null;
      return completionOf({ ...found, names: narrowed(found.names, spelling(kind, more.written)) }, more, start, kind);
    },
  };
}

function narrowed(names: PackageNames['names'], written: string): PackageNames['names'] {
  const left = names.filter((each) => each.name.startsWith(written));
  return [...left.filter((each) => each.name === written), ...left.filter((each) => each.name !== written)];
}

function optionOf({ name, summary }: PackageNames['names'][number]): Completion {
  return { label: name, ...(summary !== undefined && { detail: summary }) };
}

/** As names are told: of pip in the one spelling of PEP 503. */
function spelling(kind: PackageKind, written: string): string {
  return kind === 'pip' ? written.replace(/[-_.]+/g, '-').toLowerCase() : written.toLowerCase();
}
