import { setTimeout as delay } from 'node:timers/promises';
import { isBuilderError } from '../errors.ts';
import { cancelled } from './connection-error.ts';

const firstDelayMs = 100;
const longestDelayMs = 10_000;
const longestRetryAfterMs = 60_000;

const transientStatuses = new Set([429, 500, 502, 503, 504]);

const transientErrorCodes = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** Waits, in milliseconds. Throws `cancelled` when the signal fires. */
export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;

/** True for an answer after which the same request may succeed. */
export function isTransientStatus(status: number): boolean {
  return transientStatuses.has(status);
}

/** True for a failed connection after which the same request may succeed; not for a wrong name or certificate. */
export function isTransientError(error: unknown): boolean {
  if (!isBuilderError(error, 'registry-unavailable')) return false;
  const code = (error.cause as NodeJS.ErrnoException | undefined)?.code;
  return code !== undefined && transientErrorCodes.has(code);
}

/**
 * How long to wait after the failed attempt `attempt` (1 is the first): what `Retry-After` asks for (RFC 9110 section 10.2.3, up to a
 * minute), else 100 ms doubled each time, of which a random half is taken off so that clients do not come back together.
 */
export function retryDelayMs(attempt: number, retryAfter?: string): number {
  const asked = retryAfter === undefined ? undefined : parseRetryAfter(retryAfter);
  if (asked !== undefined) return Math.min(asked, longestRetryAfterMs);
  const full = Math.min(firstDelayMs * 2 ** (attempt - 1), longestDelayMs);
  return full * (1 - Math.random() / 2);
}

function parseRetryAfter(text: string): number | undefined {
  if (/^\s*\d+\s*$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

export const sleep: Sleep = async (ms, signal) => {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    if (signal?.aborted) throw cancelled(signal);
    throw error;
  }
};
