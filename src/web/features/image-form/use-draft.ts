import { useEffect, useRef, useState } from 'react';
import type { Image } from '../../data/images.ts';
import { useMe } from '../../data/me.ts';
import { type Draft, draftOf, emptyDraft, isSame } from './draft.ts';
import { draftKey, findKeptDraft, forgetDraft, keepDraft } from './kept-draft.ts';
import { type Conflict, mergeDrafts } from './merge-drafts.ts';

/** What is written in a form, what it was begun from, and what became of that meanwhile. */
export interface DraftState {
  /** The image as the edit begins from it; absent for a new one. */
  readonly image: Image | undefined;
  readonly draft: Draft;
  readonly set: (changed: Partial<Draft> | ((before: Draft) => Partial<Draft>)) => void;
  /** There is something to lose. Asked anew each time: it is saved before the page has been drawn again. */
  readonly isUnsaved: () => boolean;
  /** It holds what was written before the page was loaded anew. */
  readonly isRestored: boolean;
  readonly startAnew: () => void;
  /** Takes in what somebody else has saved. */
  readonly takeIn: (theirs: Image) => void;
  /** What somebody else has changed meanwhile, and otherwise than here; `undefined` where nobody has changed anything. */
  readonly conflicts: readonly Conflict[] | undefined;
  /** It is saved, or not wanted: nothing is kept of it. */
  readonly finish: () => void;
}

/** Begins from an image as it is, or from nothing; and from what was kept of an earlier visit. */
export function useDraft(opened: Image | undefined): DraftState {
  const me = useMe();
  const key = draftKey(me.name, opened?.name);
  const [image, setImage] = useState(opened);
  const untouched = image === undefined ? emptyDraft(me) : draftOf(image);
  const [restored] = useState(() => restore(key, untouched));
  const [isRestored, setRestored] = useState(restored !== undefined);
  const [draft, setDraft] = useState(restored?.draft ?? untouched);
  const [conflicts, setConflicts] = useState(restored?.conflicts);
  const isFinished = useRef(false);
  const isChanged = !isSame(draft, untouched);
  useEffect(() => {
    if (isChanged && !isFinished.current) keepDraft(key, { from: untouched, draft });
    else forgetDraft(key);
  }, [draft]);
  return {
    ...{ image, draft, isRestored, conflicts },
    set: (changed) =>
      setDraft((before) => ({ ...before, ...(typeof changed === 'function' ? changed(before) : changed) })),
    isUnsaved: () => isChanged && !isFinished.current,
    startAnew() {
      setDraft(untouched);
      setConflicts(undefined);
      setRestored(false);
    },
    takeIn(theirs) {
      const merge = (mine: Draft) => mergeDrafts({ from: untouched, mine, theirs: draftOf(theirs) });
      setImage(theirs);
      setDraft((now) => merge(now).draft);
      setConflicts(merge(draft).conflicts);
    },
    finish() {
      isFinished.current = true;
      forgetDraft(key);
    },
  };
}

/** What was kept of an earlier visit, with what others have changed since; `undefined` where nothing of it is left. */
function restore(key: string, untouched: Draft): Pick<DraftState, 'draft' | 'conflicts'> | undefined {
  const kept = findKeptDraft(key, untouched);
  if (kept === undefined) return undefined;
  const { draft, conflicts } = mergeDrafts({ from: kept.from, mine: kept.draft, theirs: untouched });
  if (isSame(draft, untouched)) return undefined;
  return { draft, conflicts: isSame(kept.from, untouched) ? undefined : conflicts };
}
