import { Alert, Button, Radio } from 'antd';
import { type FormEvent, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Image } from '../../data/images.ts';
import { useMe } from '../../data/me.ts';
import { useRegistryStatus } from '../../data/registry.ts';
import { useFocusOnWrong } from '../../ui/focus-on-wrong.ts';
import { ProblemAlert } from '../../ui/problem-alert.tsx';
import { RegistryMissing } from '../../ui/registry-missing.tsx';
import { UnsavedGuard } from '../../ui/unsaved-guard.tsx';
import { BaseField } from './base-field.tsx';
import { DetailFields } from './detail-fields.tsx';
import { ExistingFields } from './existing-fields.tsx';
import { NameField } from './name-field.tsx';
import { PackageTabs } from './package-tabs.tsx';
import { PreflightPanel } from './preflight-panel.tsx';
import { PullSecretField } from './pull-secret-field.tsx';
import { StaleEdit } from './stale-edit.tsx';
import { useCompletions } from './use-completions.ts';
import { type ImageFormState, useImageForm } from './use-image-form.ts';

const kinds = ['custom', 'existing'] as const;

/** The form of a new image, or of one that there is. */
export function ImageForm({ image }: { readonly image?: Image }) {
  const { t } = useTranslation('imageForm');
  const element = useRef<HTMLFormElement>(null);
  const form = useImageForm(image);
  const registry = useRegistryStatus();
  const { isAdmin } = useMe();
  const { draft, set, save, failure, refusals, effect, isBusy, isRestored, startAnew, isUnsaved, finish } = form;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void save();
  };
  useFocusOnWrong(element, refusals);
  const isCustom = draft.kind === 'custom';
  return (
    <form ref={element} className="image-form" data-kind={draft.kind} noValidate onSubmit={submit}>
      <UnsavedGuard isUnsaved={isUnsaved} onLeave={finish} />
      <div className="stack">
        {isCustom && registry.data?.isSet === false && <RegistryMissing maySetUp={isAdmin} />}
        {isRestored && (
          <Alert
            type="info"
            showIcon
            role="status"
            title={t('restored.text')}
            action={<Button onClick={startAnew}>{t('restored.anew')}</Button>}
          />
        )}
        <StaleEdit form={form} />
        <section className="panel stack">
          {image === undefined && <NameField form={form} />}
          {image === undefined && (
            <Radio.Group
              aria-label={t('kind.label')}
              value={draft.kind}
              options={kinds.map((kind) => ({ value: kind, label: t(`kind.${kind}`) }))}
              onChange={({ target }) => set({ kind: target.value })}
            />
          )}
          {isCustom ? <BaseField form={form} /> : <ExistingFields form={form} />}
          <PullSecretField form={form} />
        </section>
        {isCustom && <PackageSection form={form} />}
        <section className="panel stack">
          <DetailFields form={form} />
        </section>
        {failure !== undefined && <ProblemAlert error={failure} />}
      </div>
      {isCustom && (
        <aside className="form-side">
          <PreflightPanel form={form} />
        </aside>
      )}
      <div className="form-bar">
        <Button type="primary" htmlType="submit" loading={isBusy}>
          {t('confirm')}
        </Button>
        <Link to={image === undefined ? '/images' : `/images/${image.name}`}>{t('cancel')}</Link>
        <span className="muted">{t(`effect.${effect}`)}</span>
      </div>
    </form>
  );
}

function PackageSection({ form }: { readonly form: ImageFormState }) {
  const { t } = useTranslation('imageForm');
  const { draft, set, complaints, problemsAt, refusals } = form;
  const completions = useCompletions(form);
  return (
    <PackageTabs
      packages={draft.packages}
      {...{ problemsAt, refusals, completions }}
      complaint={complaints.packages && t(`complaint.${complaints.packages}`)}
      onChange={(change) => set((before) => ({ packages: change(before.packages) }))}
    />
  );
}
