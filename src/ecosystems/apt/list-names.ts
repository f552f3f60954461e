import { join } from 'node:path';
import type { ResolvedImage } from '../../registry/client/resolved-image.ts';
import { type ListedName, writeNameList } from '../catalogue/name-list.ts';
import { type AptTools, aptOptions, listsDirectory, openLists } from './apt-room.ts';
import { askApt } from './ask-apt.ts';
import { openSourcedRoom } from './open-sourced-room.ts';
import { freshSince, refreshLists } from './refresh-lists.ts';

/*
 * Lists of packages lie on disk as apt keeps them, compressed in one way or another, and the apt of the base reads them best. So a script
 * in a room takes out of them what is asked for by name: a line a package, with all of its versions.
 */

const namesScript = `
my ($most, @apt) = @ARGV;
my (%summary, %versions);
open my $targets, '-|', 'apt-get', @apt, 'indextargets', '--format', '$(FILENAME)', 'Created-By: Packages' or exit 1;
for my $file (<$targets>) {
  chomp $file;
  open my $list, '-|', '/usr/lib/apt/apt-helper', @apt, 'cat-file', $file or next;
  local $/ = '';
  while (<$list>) {
    my ($name) = /^Package: (\\S+)/m or next;
    my ($version) = /^Version: (\\S+)/m or next;
    ($summary{$name}) = /^Description: ([^\\n]*)/m unless exists $summary{$name};
    $versions{$name}{$version} = 1;
  }
}
for (sort keys %versions) {
  last unless $most--;
  print join("\\t", $_, $summary{$_} // '', join(' ', keys %{$versions{$_}})), "\\n";
}
`;

/** More than any distribution has. */
const mostNames = 500_000;

/** Where the names of a base's lists are kept. */
export function namesFile(base: Pick<ResolvedImage, 'digest'>, tools: Pick<AptTools, 'cacheDir' | 'sources'>): string {
  return join(listsDirectory(base, tools), 'names');
}

/** Lists the packages that the sources of a base have, which are asked where they have not been for a while. Throws what `refreshLists` throws. */
export async function listNames(base: ResolvedImage, tools: AptTools, signal: AbortSignal): Promise<void> {
  const { env, sources, limits } = tools;
  const lists = await openLists(base, tools);
  await using room = await openSourcedRoom(base, tools, signal);
  if ((await freshSince(lists)) === undefined) await refreshLists(room, lists, { env, sources, limits, signal });
  const { stdout } = await askApt(room, {
    argv: ['perl', '-e', namesScript, String(mostNames), ...aptOptions],
    mounts: lists.mounts,
    limits: { ...limits, timeoutMs: Math.min(limits.timeoutMs, 120_000) },
    signal,
  });
  await writeNameList(
    namesFile(base, tools),
    stdout.flatMap((line) => readName(line) ?? []),
  );
}

/** What is read was written in the room, where anything may have been put in the place of apt. */
function readName(line: string): ListedName | undefined {
  const [, name, summary, more] = /^([a-z0-9][a-z0-9+.-]*)\t([^\t]{0,300})[^\t]*\t(\S[^\t]*)$/.exec(line) ?? [];
  return name === undefined ? undefined : { name, summary: summary!, more: more! };
}
