import type { BuildEvent, BuildStep, LayerState, PlannedLayer } from '../build/build-event.ts';
import { formatPlatform } from '../oci/platform.ts';
import { formatReference } from '../oci/reference.ts';
import { count, formatBytes, formatSeconds, printable } from './format-text.ts';
import type { StatusLine } from './status-line.ts';

const stepTitles: Readonly<Record<BuildStep, string>> = {
  base: 'Base',
  lock: 'Lock',
  assemble: 'Layers',
  push: 'Push',
};

/** How far the layers of a build are. */
interface LayerProgress {
  planned: readonly PlannedLayer[];
  states: (LayerState | undefined)[];
  downloaded: number;
  uploaded: number;
}

/**
 * Shows a build's events to a person: a line that is left standing for each step, and below it, on a terminal, one live line that
 * says what is going on right now.
 */
export function createBuildProgress(line: StatusLine): (event: BuildEvent) => void {
  const progress: LayerProgress = { planned: [], states: [], downloaded: 0, uploaded: 0 };
  let detail = '';
  return (event) => {
    switch (event.type) {
      case 'step':
        if (event.state === 'started') line.status(`${stepTitles[event.step]} …`);
        else
          line.print(
            `${stepTitles[event.step].padEnd(7)}${formatSeconds(event.seconds).padStart(8)}  ${detail}`.trimEnd(),
          );
        if (event.state === 'started') detail = '';
        return;
      case 'base':
        detail = baseDetail(event);
        return;
      case 'index':
        line.status(`Base … reading its layers once: ${event.done} of ${event.total}, ${formatBytes(event.bytes)}`);
        return;
      case 'working':
        line.status(`Lock … ${lowered(printable(event.message))}`);
        return;
      case 'notice':
        line.print(`note: ${printable(event.message)}`);
        return;
      case 'locked':
        detail = lockedDetail(event);
        return;
      case 'planned':
        progress.planned = event.layers;
        progress.states = event.layers.map(() => undefined);
        return;
      case 'download':
        progress.downloaded += event.bytes;
        line.status(layersStatus(progress));
        return;
      case 'upload':
        progress.uploaded += event.bytes;
        line.status(layersStatus(progress));
        return;
      case 'output':
        line.status(`Layers … ${printable(event.line)}`);
        return;
      case 'layer':
        progress.states[event.layer] = event.state;
        detail = layersDetail(progress);
        line.status(layersStatus(progress));
    }
  };
}

function baseDetail({ base }: Extract<BuildEvent, { type: 'base' }>): string {
  const { reference, digest, platform, manifest } = base;
  const bytes = manifest.layers.reduce((sum, { size }) => sum + size, 0);
  const layers = `${count(manifest.layers.length, 'layer')}, ${formatBytes(bytes)}`;
  return `${formatReference(reference)} is ${digest.slice(0, 19)}… ${formatPlatform(platform)}, ${layers}`;
}

function lockedDetail({ lock, revision, fromCache }: Extract<BuildEvent, { type: 'locked' }>): string {
  const bytes = lock.packages.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const remembered = fromCache ? ', remembered' : '';
  return `revision ${revision}: ${count(lock.packages.length, 'package')} to add, ${formatBytes(bytes)}${remembered}`;
}

function layersDetail({ planned, states }: LayerProgress): string {
  const of = (state: LayerState) => states.filter((each) => each === state).length;
  const parts = [
    [of('pushed'), 'pushed'],
    [of('mounted'), 'mounted'],
    [of('present'), 'already there'],
  ] as const;
  const told = parts.filter(([number]) => number > 0).map(([number, word]) => `${number} ${word}`);
  return `${count(planned.length, 'layer')}${told.length > 0 ? `: ${told.join(', ')}` : ''}`;
}

function layersStatus({ planned, states, downloaded, uploaded }: LayerProgress): string {
  const finished = states.filter((state) => state === 'pushed' || state === 'mounted' || state === 'present').length;
  const current = states.indexOf('assembling');
  const working = current < 0 ? '' : `, ${printable(planned[current]!.title)}`;
  const moved = `${formatBytes(downloaded)} fetched, ${formatBytes(uploaded)} sent`;
  return `Layers … ${finished} of ${planned.length}, ${moved}${working}`;
}

/** A sentence that goes on from other words. */
function lowered(sentence: string): string {
  return `${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`;
}
