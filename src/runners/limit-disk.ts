import type { BuildEvent } from '../build/build-event.ts';
import { BuilderError } from '../errors.ts';
import type { RunContext } from '../queue/runner.ts';
import { say } from '../sentence.ts';

const mebibyte = 1024 * 1024;

/**
 * Stops a build that takes more disk than it may: its packages as they are to be downloaded, and its layers as they are made. The signal
 * then fires with `limit-exceeded` as its reason.
 */
export function limitDisk(diskMiB: number, { signal, onEvent }: RunContext): RunContext {
  const full = new AbortController();
  let sizeBytes = 0;
  const take = (bytes: number, what: string) => {
    sizeBytes += bytes;
    if (sizeBytes > diskMiB * mebibyte) full.abort(tooMuch(diskMiB, sizeBytes, what));
  };
  return {
    signal: AbortSignal.any([signal, full.signal]),
    onEvent(event: BuildEvent) {
      onEvent(event);
      if (event.type === 'planned') take(sum(event.layers.map(({ bytes }) => bytes)), say`packages to download`);
      if (event.type === 'layer-size') take(event.bytes, say`packages and layers`);
    },
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

function tooMuch(diskMiB: number, sizeBytes: number, what: string): BuilderError {
  const message = say`The build may use ${diskMiB} MiB of disk, and has ${Math.ceil(sizeBytes / mebibyte)} MiB of ${what}`;
  return new BuilderError('limit-exceeded', message, {
    hint: say`Ask for less in one image, or ask the administrator for more disk.`,
  });
}
