import type { ResolvedImage } from '../../registry/client/resolved-image.ts';
import type { Room } from '../../sandbox/sandbox.ts';
import { type AptTools, openBaseRoom } from './apt-room.ts';
import { mirrorCommand } from './apt-sources.ts';
import { askApt } from './ask-apt.ts';

/** A room in which the apt of a base asks the mirrors that are set up in place of the base's own sources. */
export async function openSourcedRoom(base: ResolvedImage, tools: AptTools, signal: AbortSignal): Promise<Room> {
  await using opened = new AsyncDisposableStack();
  const room = opened.use(await openBaseRoom(base, tools, signal));
  const mirrored = mirrorCommand(tools.sources);
  if (mirrored !== undefined) await askApt(room, { argv: mirrored, limits: tools.limits, signal });
  opened.move();
  return room;
}
