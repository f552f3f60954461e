import { type Draft, isSame } from './draft.ts';

/** What somebody had written and not saved. */
interface KeptDraft {
  /** What it was begun from. */
  readonly from: Draft;
  readonly draft: Draft;
}

/** Names a form: whose it is, and of which image, or of a new one. */
export const draftKey = (user: string, image: string | undefined) => `imagewright.draft.${user}.${image ?? ''}`;

/** Keeps what is written in a form for this tab, until it is signed out: a reload, or a session that ends, does not lose it. */
export function keepDraft(key: string, kept: KeptDraft): void {
  try {
    sessionStorage.setItem(key, JSON.stringify(kept));
  } catch {
    // A browser that keeps nothing, or not so much, loses it.
  }
}

export function forgetDraft(key: string): void {
  sessionStorage.removeItem(key);
}

/** What was kept, if it has the fields that the form has now: an older page may have kept it. */
export function findKeptDraft(key: string, form: Draft): KeptDraft | undefined {
  try {
    const kept = JSON.parse(sessionStorage.getItem(key) ?? 'null') as KeptDraft | null;
    const isWhole = (draft: Draft) => isSame(Object.keys(draft).sort(), Object.keys(form).sort());
    return kept !== null && isWhole(kept.from) && isWhole(kept.draft) ? kept : undefined;
  } catch {
    return undefined;
  }
}
