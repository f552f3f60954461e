import { describe, expect, it } from 'vitest';
import { createThrottle } from './throttle.ts';

describe('the throttle', () => {
  it('lets an address wait after ten failures until the first is five minutes old, and nobody else', () => {
    let now = 1_000_000;
    const throttle = createThrottle({ now: () => now });
    for (let failure = 0; failure < 10; failure++) {
      expect(throttle.secondsToWait('a')).toBe(0);
      throttle.recordFailure('a');
      now += 1000;
    }
    expect(throttle.secondsToWait('a')).toBe(290);
    expect(throttle.secondsToWait('b')).toBe(0);
    now += 290_000;
    expect(throttle.secondsToWait('a')).toBe(0);
    throttle.recordFailure('a');
    expect(throttle.secondsToWait('a')).toBe(1);
  });

  it('forgets old failures', () => {
    let now = 0;
    const throttle = createThrottle({ now: () => now });
    for (let failure = 0; failure < 30; failure++) {
      throttle.recordFailure('a');
      now += 60_000;
    }
    expect(throttle.secondsToWait('a')).toBe(0);
  });

  it('remembers a bounded number of addresses, the latest', () => {
    const throttle = createThrottle({ maxFailures: 1, maxAddresses: 2, now: () => 0 });
    for (const address of ['a', 'b', 'a', 'c']) throttle.recordFailure(address);
    expect(['a', 'b', 'c'].map((address) => throttle.secondsToWait(address) > 0)).toEqual([true, false, true]);
  });
});
