import { useSyncExternalStore } from 'react';

/** A message about something that was done, shown for a while and then kept until the page is closed. */
export interface Notice {
  readonly id: number;
  readonly kind: 'success' | 'info' | 'error';
  readonly text: string;
  /** Where it leads: the name and path of what it is about. */
  readonly link?: { readonly text: string; readonly to: string } | undefined;
  readonly at: Date;
  readonly isSeen: boolean;
}

const kept = 100;
let notices: readonly Notice[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

function set(next: readonly Notice[]): void {
  notices = next;
  for (const listener of listeners) listener();
}

/** Tells people that something was done, or was not. */
export function notify({ kind, text, link }: Pick<Notice, 'kind' | 'text' | 'link'>): void {
  lastId += 1;
  set([{ id: lastId, kind, text, link, at: new Date(), isSeen: false }, ...notices].slice(0, kept));
}

export const markSeen = (id: number) => set(notices.map((each) => (each.id === id ? { ...each, isSeen: true } : each)));

export const markAllSeen = () => set(notices.map((each) => ({ ...each, isSeen: true })));

export const clearNotices = () => set([]);

/** All notices that are kept, the newest first. */
export const useNotices = (): readonly Notice[] =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => notices,
  );
