import { type BuildEvent, type BuildStep, buildSteps } from './build-event.ts';

/** What a build moved and how long it took. */
export interface Totals {
  readonly layers: { readonly base: number; readonly added: number; readonly pushed: number; readonly mounted: number };
  readonly bytesPushed: number;
  readonly seconds: Readonly<Record<BuildStep | 'total', number>>;
}

/** Counts while a build runs. */
export interface Tally {
  baseLayers: number;
  addedLayers: number;
  pushedLayers: number;
  mountedLayers: number;
  bytesPushed: number;
  /** Runs a step, tells its start and end, and keeps how long it took. */
  time<T>(step: BuildStep, run: () => Promise<T>): Promise<T>;
  totals(): Totals;
}

export function createTally(onEvent: (event: BuildEvent) => void): Tally {
  const started = performance.now();
  const seconds = new Map<BuildStep, number>();
  const since = (start: number) => Math.round(performance.now() - start) / 1000;
  return {
    baseLayers: 0,
    addedLayers: 0,
    pushedLayers: 0,
    mountedLayers: 0,
    bytesPushed: 0,
    async time(step, run) {
      const start = performance.now();
      onEvent({ type: 'step', step, state: 'started' });
      const result = await run();
      seconds.set(step, since(start));
      onEvent({ type: 'step', step, state: 'done', seconds: since(start) });
      return result;
    },
    totals() {
      const steps = Object.fromEntries(buildSteps.map((step) => [step, seconds.get(step) ?? 0]));
      return {
        layers: {
          base: this.baseLayers,
          added: this.addedLayers,
          pushed: this.pushedLayers,
          mounted: this.mountedLayers,
        },
        bytesPushed: this.bytesPushed,
        seconds: { ...(steps as Record<BuildStep, number>), total: since(started) },
      };
    },
  };
}
