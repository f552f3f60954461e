import { useEffect, useState } from 'react';
import { getJobLog } from '../../api/job-log.ts';
import { client } from './client.ts';
import { followEvents } from './event-stream.ts';

/** A job's log as far as it is shown: the last lines, and those that come. */
export interface LogText {
  readonly lines: readonly string[];
  /** Number of the first line, counted from those that were loaded first; grows when old lines are let go. */
  readonly first: number;
  /** There are lines before these, which only the download has. */
  readonly hasEarlier: boolean;
  readonly state: 'loading' | 'live' | 'lost' | 'complete' | 'failed';
  readonly error?: unknown;
}

/** More than a person scrolls through; the download has all. */
const kept = 20_000;

const nothing: LogText = { lines: [], first: 0, hasEarlier: false, state: 'loading' };

/** Reads the last lines of a job's log, and follows it until the job has ended. */
export function useJobLog(id: string): LogText {
  const [text, setText] = useState<LogText>(nothing);
  useEffect(() => {
    const leave = new AbortController();
    setText(nothing);
    readAndFollow(id, setText, leave.signal).catch((error) => {
      if (!leave.signal.aborted) setText((now) => ({ ...now, state: 'failed', error }));
    });
    return () => leave.abort();
  }, [id]);
  return text;
}

async function readAndFollow(
  id: string,
  set: (change: (now: LogText) => LogText) => void,
  signal: AbortSignal,
): Promise<void> {
  const { lines, from, to, isComplete } = await client.call(getJobLog, { params: { id }, query: {} }, { signal });
  set(() => ({ lines, first: 0, hasEarlier: from > 0, state: isComplete ? 'complete' : 'live' }));
  if (isComplete) return;
  await followEvents({
    path: `/api/v1/jobs/${encodeURIComponent(id)}/events`,
    lastEventId: String(to),
    signal,
    onLive: (isLive) => set((now) => ({ ...now, state: isLive ? 'live' : 'lost' })),
    onEvent({ type, data }) {
      if (type === 'lines') set((now) => withLines(now, JSON.parse(data) as string[]));
      if (type !== 'end') return false;
      set((now) => ({ ...now, state: 'complete' }));
      return true;
    },
  });
}

function withLines(now: LogText, added: readonly string[]): LogText {
  const all = [...now.lines, ...added];
  const dropped = Math.max(0, all.length - kept);
  return {
    ...now,
    lines: dropped === 0 ? all : all.slice(dropped),
    first: now.first + dropped,
    hasEarlier: now.hasEarlier || dropped > 0,
  };
}
