import { describe, expect, it, vi } from 'vitest';
import { limitDisk } from './limit-disk.ts';

const mebibyte = 1024 * 1024;
const layer = { title: 'pip: app 1.0', bytes: 6 * mebibyte };
const made = (bytes: number) => ({ type: 'layer-size', layer: 0, bytes }) as const;

describe('limitDisk', () => {
  const limit = (signal = new AbortController().signal) => {
    const onEvent = vi.fn();
    return { ...limitDisk(10, { signal, onEvent }), told: onEvent };
  };

  it('lets a build go on up to the limit, and passes all it tells on', () => {
    const { signal, onEvent, told } = limit();
    onEvent({ type: 'planned', layers: [layer] });
    onEvent(made(4 * mebibyte));
    onEvent({ type: 'layer', layer: 0, state: 'pushed' });
    expect(signal.aborted).toBe(false);
    expect(told).toHaveBeenCalledTimes(3);
  });

  it('stops it by what is to be downloaded, before anything is', () => {
    const { signal, onEvent } = limit();
    onEvent({ type: 'planned', layers: [layer, layer] });
    expect(signal.reason).toMatchObject({
      code: 'limit-exceeded',
      message: 'The build may use 10 MiB of disk, and has 12 MiB of packages to download',
    });
  });

  it('stops it by the layers it makes', () => {
    const { signal, onEvent } = limit();
    onEvent({ type: 'planned', layers: [layer] });
    onEvent(made(4 * mebibyte + 1));
    expect(signal.reason).toMatchObject({ code: 'limit-exceeded' });
  });

  it('stops with the job', () => {
    const job = new AbortController();
    const { signal } = limit(job.signal);
    job.abort(new Error('cancelled'));
    expect(signal.reason).toMatchObject({ message: 'cancelled' });
  });
});
