import { boundEachProcess } from './bound-each-process.ts';
import { makeControlGroup } from './control-group.ts';
import type { RoomLimits } from './sandbox.ts';

/** Holds what runs in a room within its memory and its number of processes. */
export interface Bounds extends AsyncDisposable {
  /** Words before those of the program: they put bounds on each process. */
  readonly words: readonly string[];
  /** Told of the first process, before it starts another. */
  add(pid: number): Promise<void>;
  /** The bound that has been met, `undefined` while none was. */
  exceeded(): Promise<'memory' | 'processes' | undefined>;
}

/** By a control group where we may make one, otherwise by limits of each process and by counting. */
export async function openBounds(limits: RoomLimits): Promise<Bounds> {
  return (await makeControlGroup(limits)) ?? boundEachProcess(limits);
}
