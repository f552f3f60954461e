import { join } from 'node:path';
import { canonicalJson } from '../../oci/canonical-json.ts';
import { digestOf, hexOf } from '../../oci/digest.ts';
import { isObject } from '../../oci/manifest.ts';
import { keepJson, readKeptJson } from '../kept-json.ts';
import { type AptRequest, aptOperand } from './apt-line.ts';
import type { AptLists } from './apt-room.ts';
import { freshSince } from './refresh-lists.ts';
import type { AptSolution } from './solve-apt.ts';

/*
 * What apt says depends on the base, its lists and the lines alone. So as long as the lists stay as they are an answer holds, and another
 * pip line beside the same apt lines asks nobody.
 */

/** Raised whenever the same answer would be read otherwise. */
const solutionVersion = 1;

/** The answer for these lines by the lists as they have been since then, if it is known. */
export async function findSolution(
  requests: readonly AptRequest[],
  lists: AptLists,
  since: number,
): Promise<AptSolution | undefined> {
  const kept = await readKeptJson(fileOf(requests, lists));
  if (!isObject(kept) || kept.version !== solutionVersion || kept.since !== since) return undefined;
  return kept.solution as AptSolution;
}

/** Keeps an answer until the lists change. */
export async function keepSolution(
  requests: readonly AptRequest[],
  lists: AptLists,
  solution: AptSolution,
): Promise<void> {
  const since = await freshSince(lists);
  await keepJson(fileOf(requests, lists), { version: solutionVersion, since, solution });
}

/** Which line it is that asks is not kept, but the lock names the lines by their text. */
function fileOf(requests: readonly AptRequest[], { directory }: AptLists): string {
  const asked = requests.map((request) => [aptOperand(request), request.line.text]).sort();
  return join(directory, 'solved', `${hexOf(digestOf(canonicalJson(asked)))}.json`);
}
