import type { Problem } from '../../errors.ts';
import { say } from '../../sentence.ts';
import { type Channel, type CondaChannels, channelsNamed, usualChannels } from './channels.ts';
import { type CondaRequest, condaProblem } from './conda-line.ts';

/** The channels that all lines together are solved with. */
export interface RequestedChannels {
  /** From the one that is asked first on. */
  readonly channels: readonly Channel[];
  /** Of each request, the number of the channel that its package has to come from; absent where any will do. */
  readonly numbers: ReadonlyMap<CondaRequest, number>;
  readonly problems: readonly Problem[];
}

/**
 * As on one command line of conda: channels of `-c` come before those that are set up, in the order of the lines; one that stands only
 * before a name (`pytorch::pytorch`) comes last, and that package has to come from it.
 */
export function requestedChannels(requests: readonly CondaRequest[], settings: CondaChannels): RequestedChannels {
  const problems: Problem[] = [];
  const named = (request: CondaRequest, text: string): readonly Channel[] => {
    const found = channelsNamed(text, settings);
    if (found === undefined) problems.push(notAllowed(request, text, settings));
    return found ?? [];
  };
  const first = requests.flatMap((request) => request.channels.flatMap((text) => named(request, text)));
  const own = requests.flatMap((request) =>
    request.spec.channel === undefined ? [] : [{ request, channels: named(request, request.spec.channel) }],
  );
  const all = [...first, ...usualChannels(settings), ...own.flatMap(({ channels }) => channels)];
  const channels = [...new Map(all.map((channel) => [channel.url, channel])).values()];
  const numbers = new Map(
    own.flatMap(({ request, channels: [channel] }) =>
      channel === undefined ? [] : [[request, channels.findIndex(({ url }) => url === channel.url)]],
    ),
  );
  return { channels, numbers, problems: [...problems, ...contradictions(numbers)] };
}

function notAllowed({ line }: CondaRequest, text: string, { sources, allowed }: CondaChannels): Problem {
  const names = sources.map(({ name, url }) => name ?? new URL(url).pathname.split('/').filter(Boolean).at(-1) ?? url);
  const known = names.length > 0 ? say`Channels here: ${names.join(', ')}.` : say`Ask the administrator to add it.`;
  return condaProblem(line, {
    code: 'channel-not-allowed',
    message: say`The channel ${text} is not among those that are allowed`,
    hint: allowed === 'any' ? say`Write its name, or its whole URL.` : known,
  });
}

function contradictions(numbers: ReadonlyMap<CondaRequest, number>): readonly Problem[] {
  const first = new Map<string, CondaRequest>();
  return [...numbers].flatMap(([request, number]) => {
    const { name } = request.spec;
    const other = first.get(name) ?? request;
    first.set(name, other);
    if (numbers.get(other) === number) return [];
    const message = say`Line ${other.line.line} takes ${name} from another channel`;
    return [condaProblem(request.line, { code: 'conflict', message, hint: say`Remove one of the two lines.` })];
  });
}
