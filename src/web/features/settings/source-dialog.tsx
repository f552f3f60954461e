import { useTranslation } from 'react-i18next';
import { notify } from '../../data/notices.ts';
import { type PackageSource, useCreatePackageSource, useEditPackageSource } from '../../data/package-sources.ts';
import { CheckField } from '../../ui/check-field.tsx';
import { ChoiceField } from '../../ui/choice-field.tsx';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { SecretField } from '../../ui/secret-field.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { type Form, useForm } from '../../ui/use-form.ts';
import { bodyOf, type SourceValues, sourceKinds, valuesOf } from './source-values.ts';

interface SourceDialogProps {
  /** Absent for a new one. */
  readonly source?: PackageSource;
  /** All that there are: a new one is asked after those of its kind. */
  readonly sources: readonly PackageSource[];
  readonly onClose: () => void;
}

/** Adds a source of packages, or changes one. */
export function SourceDialog({ source, sources, onClose }: SourceDialogProps) {
  const { t } = useTranslation(['settings', 'ui']);
  const create = useCreatePackageSource();
  const edit = useEditPackageSource();
  const form = useForm({
    initial: valuesOf(source),
    required: ({ kind }) => (kind === 'ca-bundle' ? ['name', 'certificates'] : ['name', 'url']),
  });
  const { field, values } = form;
  const { kind, name } = values;
  const save = async () => {
    const position = Math.max(-1, ...sources.filter((each) => each.kind === kind).map((each) => each.position)) + 1;
    if (source !== undefined) await edit.mutateAsync({ params: { name }, body: bodyOf(values) });
    else await create.mutateAsync({ body: { kind, name, position, ...bodyOf(values) } });
    notify({ kind: 'success', text: t('saved', { name }) });
    onClose();
  };
  return (
    <FormDialog
      title={source === undefined ? t('source.add') : t('ui:thing.edit', { name: source.name })}
      confirmText={source === undefined ? t('create') : t('save')}
      {...{ form, onClose }}
      onSubmit={save}
    >
      {source === undefined && (
        <>
          <ChoiceField
            label={t('source.kind')}
            hint={t(`source.about.${kind}`)}
            options={sourceKinds.map((value) => ({ value, text: t(`source.kindOf.${value}`) }))}
            {...field('kind')}
          />
          <TextField label={t('name')} maxLength={63} {...field('name')} />
        </>
      )}
      {kind !== 'ca-bundle' && <PlaceFields form={form} hasCredentials={source?.hasCredentials ?? false} />}
      <OptionFields form={form} />
    </FormDialog>
  );
}

interface PlaceFieldsProps {
  readonly form: Form<SourceValues>;
  readonly hasCredentials: boolean;
}

function PlaceFields({ form: { field }, hasCredentials }: PlaceFieldsProps) {
  const { t } = useTranslation('settings');
  return (
    <>
      <TextField label={t('source.url')} hint={t('source.urlHint')} maxLength={2000} {...field('url')} />
      <TextField
        label={t('source.username')}
        {...(hasCredentials && { hint: t('source.usernameHint') })}
        {...field('username')}
      />
      <SecretField label={t('source.password')} isStored={hasCredentials} isRemovable {...field('password')} />
    </>
  );
}

function OptionFields({ form: { field, values } }: { readonly form: Form<SourceValues> }) {
  const { t } = useTranslation('settings');
  switch (values.kind) {
    case 'pip':
      return (
        <CheckField
          label={t('source.isDefault')}
          hint={t('source.defaultHint')}
          {...field('isDefault', 'options.isDefault')}
        />
      );
    case 'apt':
      return (
        <>
          <TextField
            label={t('source.mirrorOf')}
            hint={t('source.mirrorOfHint')}
            {...field('mirrorOf', 'options.mirrorOf')}
          />
          <TextField label={t('source.suite')} hint={t('source.suiteHint')} {...field('suite', 'options.suite')} />
          <TextField
            label={t('source.components')}
            hint={t('source.componentsHint')}
            {...field('components', 'options.components')}
          />
          <TextField
            label={t('source.signedBy')}
            hint={t('source.signedByHint')}
            rows={4}
            {...field('signedBy', 'options.signedBy')}
          />
        </>
      );
    case 'proxy':
      return (
        <TextField
          label={t('source.noProxy')}
          hint={t('source.noProxyHint')}
          rows={3}
          {...field('noProxy', 'options.noProxy')}
        />
      );
    case 'ca-bundle':
      return (
        <TextField
          label={t('source.certificates')}
          hint={t('source.certificatesHint')}
          rows={8}
          {...field('certificates', 'options.certificates')}
        />
      );
    case 'conda':
      return null;
  }
}
