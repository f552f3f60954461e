import { Button, Input } from 'antd';
import { type FormEvent, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Image } from '../../data/images.ts';
import { FormField } from '../../ui/form-field.tsx';
import { ProblemAlert } from '../../ui/problem-alert.tsx';
import { problemsAt, problemsOf } from './form-problems.ts';
import { PackageTabs } from './package-tabs.tsx';
import { useImageForm } from './use-image-form.ts';

/** The form of a new image, or of one that there is. */
export function ImageForm({ image }: { readonly image?: Image }) {
  const { t } = useTranslation('imageForm');
  const form = useRef<HTMLFormElement>(null);
  const { draft, set, save, failure, preflight, refusals, complaints, isBusy } = useImageForm(image);
  const problems = [...problemsOf(failure), ...problemsOf(preflight.error)];
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void save();
  };
  useEffect(() => {
    if (refusals > 0) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [refusals]);
  return (
    <form ref={form} className="image-form" noValidate onSubmit={submit}>
      <div className="stack">
        <section className="panel stack">
          {image === undefined && (
            <FormField
              label={t('name')}
              hint={t('nameHint')}
              isRequired
              complaint={complaints.name && t(`complaint.${complaints.name}`)}
              problems={problemsAt('name', problems)}
            >
              {({ id, describedBy, isInvalid }) => (
                <Input
                  {...{ id }}
                  aria-describedby={describedBy}
                  aria-invalid={isInvalid}
                  autoComplete="off"
                  spellCheck={false}
                  maxLength={63}
                  value={draft.name}
                  onChange={(event) => set({ name: event.target.value })}
                />
              )}
            </FormField>
          )}
          <FormField
            label={t('base')}
            hint={t('baseHint')}
            isRequired
            complaint={complaints.base && t(`complaint.${complaints.base}`)}
            problems={problemsAt('spec.base', problems)}
          >
            {({ id, describedBy, isInvalid }) => (
              <Input
                {...{ id }}
                aria-describedby={describedBy}
                aria-invalid={isInvalid}
                autoComplete="off"
                spellCheck={false}
                value={draft.base}
                onChange={(event) => set({ base: event.target.value })}
              />
            )}
          </FormField>
        </section>
        <section className="panel stack">
          <PackageTabs
            packages={draft.packages}
            problems={problems}
            complaint={complaints.packages && t(`complaint.${complaints.packages}`)}
            onChange={(packages) => set({ packages })}
          />
        </section>
        {failure !== undefined && <ProblemAlert error={failure} />}
      </div>
      <div className="form-bar">
        <Button type="primary" htmlType="submit" loading={isBusy}>
          {t('confirm')}
        </Button>
        <Link to={image === undefined ? '/images' : `/images/${image.name}`}>{t('cancel')}</Link>
      </div>
    </form>
  );
}
