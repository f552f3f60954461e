import { useEffect, useState } from 'react';

export interface Timed {
  readonly startedAt: string | null;
  readonly endedAt: string | null;
}

/** Seconds that something took, or has taken up to now, renewed every second; `undefined` before it has begun. */
export function useElapsed({ startedAt, endedAt }: Timed): number | undefined {
  const isUnderWay = startedAt !== null && endedAt === null;
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!isUnderWay) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [isUnderWay]);
  if (startedAt === null) return undefined;
  return Math.max(0, ((endedAt === null ? now : Date.parse(endedAt)) - Date.parse(startedAt)) / 1000);
}
