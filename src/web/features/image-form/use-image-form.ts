import { useState } from 'react';
import { useNavigate } from 'react-router';
import { type BuilderError, isBuilderError } from '../../../errors.ts';
import { type Image, useCreateImage, useEditImage, useIsNameFree } from '../../data/images.ts';
import { type PreflightQuestion, usePreflight } from '../../data/preflight.ts';
import type { ShownProblem } from '../../ui/problem-alert.tsx';
import { changedFields, type Draft, hasPackages, isName, newImageOf, specOf, startsJob } from './draft.ts';
import { complaintsOf, problemsAt, problemsOf } from './form-problems.ts';
import { type DraftState, useDraft } from './use-draft.ts';

/** A form of an image: what is written in it, what is known of that, and how it is sent. */
export interface ImageFormState extends Omit<DraftState, 'takeIn'> {
  /** What the server finds wrong with a field: `spec.packages.pip`. */
  readonly problemsAt: (field: string) => readonly ShownProblem[];
  /** What the page finds wrong; of what is missing not before somebody has tried to send it. */
  readonly complaints: ReturnType<typeof complaintsOf>;
  readonly isNameFree: boolean | undefined;
  readonly preflight: ReturnType<typeof usePreflight>;
  /** What it does to send the form as it is. */
  readonly effect: 'nothing' | 'save' | 'build';
  readonly save: () => Promise<void>;
  readonly isBusy: boolean;
  /** Why it was not saved. */
  readonly failure: unknown;
  /** Counts how often it could not be sent. */
  readonly refusals: number;
}

/** Opens the form of an image as it is, or of a new one. */
export function useImageForm(opened: Image | undefined): ImageFormState {
  const { takeIn, ...written } = useDraft(opened);
  const { image, draft } = written;
  const { send, isBusy } = useSend(image);
  const [failure, setFailure] = useState<unknown>();
  const [refusals, setRefusals] = useState(0);
  const preflight = usePreflight(questionOf(draft, image));
  const isNameFree = useIsNameFree(image === undefined && isName(draft.name) ? draft.name : undefined);
  const complaints = complaintsOf(draft);
  const effect = effectOf(draft, image);
  const goOn = useGoOn(written.finish);

  const save = async () => {
    setFailure(undefined);
    try {
      if (image !== undefined && effect === 'nothing') return goOn(image, null);
      if (Object.keys(complaints).length === 0) {
        const { image: saved, job } = await send(draft);
        return goOn(saved, job);
      }
    } catch (error) {
      if (isStale(error)) takeIn(error.current as Image);
      else setFailure(error);
    }
    setRefusals((before) => before + 1);
  };
  const problems = [problemsOf(failure), problemsOf(preflight.error)];
  return {
    ...written,
    ...{ preflight, isNameFree, effect, save, isBusy, failure, refusals },
    set(changed) {
      written.set(changed);
      setFailure(undefined);
    },
    problemsAt: (field) => problemsAt(field, ...problems),
    complaints: refusals > 0 ? complaints : withoutMissing(complaints),
  };
}

/** Makes the image, or changes it by what differs. */
function useSend(image: Image | undefined) {
  const create = useCreateImage();
  const edit = useEditImage();
  const send = (draft: Draft) => {
    if (image === undefined) return create.mutateAsync({ body: newImageOf(draft) });
    const { name, version } = image;
    return edit.mutateAsync({ params: { name }, body: { version, ...changedFields(draft, image) } });
  };
  return { send, isBusy: create.isPending || edit.isPending };
}

/** To the job that was started, or to the image where none was. */
function useGoOn(finish: () => void) {
  const navigate = useNavigate();
  return ({ name }: Image, job: { readonly id: string } | null) => {
    finish();
    navigate(job === null ? `/images/${name}` : `/jobs/${job.id}`);
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
  return { spec: specOf(draft), pullSecret, ownerGroup, ...compareWith };
}
