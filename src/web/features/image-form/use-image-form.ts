import { useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { type BuilderError, isBuilderError } from '../../../errors.ts';
import { type Image, useCreateImage, useEditImage, useIsNameFree } from '../../data/images.ts';
import { useMe } from '../../data/me.ts';
import { type PreflightQuestion, usePreflight } from '../../data/preflight.ts';
import type { ShownProblem } from '../../ui/problem-alert.tsx';
import {
  changedFields,
  type Draft,
  draftOf,
  emptyDraft,
  hasPackages,
  isName,
  isSame,
  newImageOf,
  startsJob,
} from './draft.ts';
import { complaintsOf, problemsAt, problemsOf } from './form-problems.ts';
import { type Conflict, mergeDrafts } from './merge-drafts.ts';

/** A form of an image: what is written in it, what is known of that, and how it is sent. */
export interface ImageFormState {
  /** The image as the edit begins from it; absent for a new one. */
  readonly image: Image | undefined;
  readonly draft: Draft;
  readonly set: (changed: Partial<Draft> | ((before: Draft) => Partial<Draft>)) => void;
  /** What the server finds wrong with a field: `spec.packages.pip`. */
  readonly problemsAt: (field: string) => readonly ShownProblem[];
  /** What the page finds wrong; of what is missing not before somebody has tried to send it. */
  readonly complaints: ReturnType<typeof complaintsOf>;
  readonly isNameFree: boolean | undefined;
  readonly preflight: ReturnType<typeof usePreflight>;
  /** Why it was not saved. */
  readonly failure: unknown;
  /** What somebody else has changed meanwhile, and otherwise than here. */
  readonly conflicts: readonly Conflict[] | undefined;
  /** Counts how often it could not be sent. */
  readonly refusals: number;
  /** What it does to send the form as it is. */
  readonly effect: 'nothing' | 'save' | 'build';
  readonly isBusy: boolean;
  /** There is something to lose; false once it was saved, also before the page knows. */
  readonly isUnsaved: () => boolean;
  readonly save: () => Promise<void>;
}

/** Opens the form of an image as it is, or of a new one. */
export function useImageForm(opened: Image | undefined): ImageFormState {
  const me = useMe();
  const navigate = useNavigate();
  const create = useCreateImage();
  const edit = useEditImage();
  const [image, setImage] = useState(opened);
  const [draft, setDraft] = useState<Draft>(() => (opened === undefined ? emptyDraft(me) : draftOf(opened)));
  const [failure, setFailure] = useState<unknown>();
  const [conflicts, setConflicts] = useState<readonly Conflict[]>();
  const [refusals, setRefusals] = useState(0);
  const isSaved = useRef(false);
  const preflight = usePreflight(questionOf(draft, image));
  const isNameFree = useIsNameFree(image === undefined && isName(draft.name) ? draft.name : undefined);
  const complaints = complaintsOf(draft);
  const isChanged = !isSame(draft, image === undefined ? emptyDraft(me) : draftOf(image));
  const effect = effectOf(draft, image);

  const set: ImageFormState['set'] = (changed) => {
    setDraft((before) => ({ ...before, ...(typeof changed === 'function' ? changed(before) : changed) }));
    setFailure(undefined);
  };
  const goOn = (name: string, job: { readonly id: string } | null) => {
    isSaved.current = true;
    navigate(job === null ? `/images/${name}` : `/jobs/${job.id}`);
  };
  const send = () => {
    if (image === undefined) return create.mutateAsync({ body: newImageOf(draft) });
    const { name, version } = image;
    return edit.mutateAsync({ params: { name }, body: { version, ...changedFields(draft, image) } });
  };
  /** Takes in what somebody else has saved; where both have changed the same, one chooses. */
  const takeIn = (theirs: Image) => {
    const merged = mergeDrafts({ from: draftOf(image!), mine: draft, theirs: draftOf(theirs) });
    setImage(theirs);
    setDraft(merged.draft);
    setConflicts(merged.conflicts);
  };
  const refuse = (error?: unknown) => {
    if (isStale(error)) takeIn(error.current as Image);
    else setFailure(error);
    setRefusals((before) => before + 1);
  };
  const save = async () => {
    setFailure(undefined);
    if (Object.keys(complaints).length > 0) return refuse();
    if (image !== undefined && effect === 'nothing') return goOn(image.name, null);
    try {
      const { image: saved, job } = await send();
      goOn(saved.name, job);
    } catch (error) {
      refuse(error);
    }
  };
  const problems = [problemsOf(failure), problemsOf(preflight.error)];
  return {
    ...{ image, draft, set, save, failure, conflicts, preflight, isNameFree, refusals },
    problemsAt: (field) => problemsAt(field, ...problems),
    complaints: refusals > 0 ? complaints : withoutMissing(complaints),
    effect,
    isBusy: create.isPending || edit.isPending,
    isUnsaved: () => isChanged && !isSaved.current,
  };
}

function effectOf(draft: Draft, image: Image | undefined): ImageFormState['effect'] {
  if (image === undefined) return draft.kind === 'custom' ? 'build' : 'save';
  const changed = changedFields(draft, image);
  if (Object.keys(changed).length === 0) return 'nothing';
  return startsJob(changed, image) ? 'build' : 'save';
}

function isStale(error: unknown): error is BuilderError {
  return isBuilderError(error, 'conflict') && error.current !== undefined;
}

/** Nobody is blamed for what they have not come to yet. */
function withoutMissing({ name }: ImageFormState['complaints']): ImageFormState['complaints'] {
  return name === 'nameInvalid' ? { name } : {};
}

/** There is something to ask once a base and a package stand there. */
function questionOf(draft: Draft, image: Image | undefined): PreflightQuestion | undefined {
  const { kind, base, packages, pullSecret, ownerGroup } = draft;
  if (kind !== 'custom' || base.trim() === '' || !hasPackages(packages)) return undefined;
  const compareWith = image?.revision ? { compareWith: image.name } : {};
  return { spec: { base: base.trim(), packages }, pullSecret, ownerGroup, ...compareWith };
}
