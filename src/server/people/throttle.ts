/** Counts failed attempts to sign in, by address. */
export interface Throttle {
  /** How long an address has to wait after too many failures; 0 when it may try. */
  secondsToWait(address: string): number;
  recordFailure(address: string): void;
}

export interface ThrottleOptions {
  readonly maxFailures?: number;
  readonly windowMs?: number;
  /** Of more addresses than that, those that failed longest ago are forgotten. */
  readonly maxAddresses?: number;
  readonly now?: () => number;
}

/** After 10 failures within 5 minutes an address has to wait until the first of them is 5 minutes old. */
export function createThrottle({
  maxFailures = 10,
  windowMs = 5 * 60_000,
  maxAddresses = 10_000,
  now = Date.now,
}: ThrottleOptions = {}): Throttle {
  /** Times of the latest failures; the address that failed last stands last. */
  const failures = new Map<string, readonly number[]>();
  return {
    secondsToWait(address) {
      const times = failures.get(address) ?? [];
      if (times.length < maxFailures) return 0;
      return Math.max(0, Math.ceil((times[0]! + windowMs - now()) / 1000));
    },
    recordFailure(address) {
      const times = [...(failures.get(address) ?? []), now()].slice(-maxFailures);
      failures.delete(address);
      failures.set(address, times);
      if (failures.size > maxAddresses) failures.delete(failures.keys().next().value!);
    },
  };
}
