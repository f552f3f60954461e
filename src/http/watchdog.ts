/** Calls back once when what is expected does not come in time. */
export interface Watchdog {
  /** Starts anew: within `ms` either `expect` or `rest` must be called. */
  expect(ms: number): void;
  /** Nothing is expected now. */
  rest(): void;
}

export function createWatchdog(onLate: (ms: number) => void): Watchdog {
  let timer: NodeJS.Timeout | undefined;
  const rest = () => clearTimeout(timer);
  return {
    rest,
    expect(ms) {
      rest();
      // The connection keeps the process alive; a timer that watches it need not.
      timer = setTimeout(() => onLate(ms), ms).unref();
    },
  };
}
