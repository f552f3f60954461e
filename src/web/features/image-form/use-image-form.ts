import { useState } from 'react';
import { useNavigate } from 'react-router';
import { type Image, useCreateImage, useEditImage } from '../../data/images.ts';
import { useMe } from '../../data/me.ts';
import { type PreflightQuestion, usePreflight } from '../../data/preflight.ts';
import { changedFields, type Draft, draftOf, emptyDraft, hasPackages, newImageOf } from './draft.ts';
import { complaintsOf } from './form-problems.ts';

/** What is written in the form, what is known of it, and how it is sent; without an image, of a new one. */
export function useImageForm(image: Image | undefined) {
  const me = useMe();
  const navigate = useNavigate();
  const create = useCreateImage();
  const edit = useEditImage();
  const [draft, setDraft] = useState<Draft>(() => (image === undefined ? emptyDraft(me) : draftOf(image)));
  const [refusals, setRefusals] = useState(0);
  const [failure, setFailure] = useState<unknown>();
  const preflight = usePreflight(questionOf(draft, image));
  const complaints = complaintsOf(draft);

  const set = (changed: Partial<Draft>) => {
    setDraft((before) => ({ ...before, ...changed }));
    setFailure(undefined);
  };
  const send = () => {
    if (image === undefined) return create.mutateAsync({ body: newImageOf(draft) });
    const { name, version } = image;
    return edit.mutateAsync({ params: { name }, body: { version, ...changedFields(draft, image) } });
  };
  const save = async () => {
    try {
      if (Object.keys(complaints).length > 0) return setRefusals((before) => before + 1);
      const { image: saved, job } = await send();
      navigate(job === null ? `/images/${saved.name}` : `/jobs/${job.id}`);
    } catch (error) {
      setFailure(error);
      setRefusals((before) => before + 1);
    }
  };
  return {
    ...{ draft, set, save, failure, preflight, refusals },
    complaints: refusals > 0 ? complaints : {},
    isBusy: create.isPending || edit.isPending,
  };
}

/** There is something to ask once a base and a package stand there. */
function questionOf(draft: Draft, image: Image | undefined): PreflightQuestion | undefined {
  const { kind, base, packages, pullSecret } = draft;
  if (kind !== 'custom' || base.trim() === '' || !hasPackages(packages)) return undefined;
  const compareWith = image?.revision ? { compareWith: image.name } : {};
  return { spec: { base: base.trim(), packages }, pullSecret, ...compareWith };
}
