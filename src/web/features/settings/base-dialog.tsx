import { useTranslation } from 'react-i18next';
import { useBaseContents } from '../../data/base-choices.ts';
import { type BaseImage, useCreateBaseImage, useEditBaseImage } from '../../data/base-images.ts';
import { notify } from '../../data/notices.ts';
import { usePullSecrets } from '../../data/pull-secrets.ts';
import { ChoiceField } from '../../ui/choice-field.tsx';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { Said } from '../../ui/said.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { useForm } from '../../ui/use-form.ts';

interface BaseDialogProps {
  /** Absent for a new one. */
  readonly base?: BaseImage;
  readonly onClose: () => void;
}

const types = ['universal', 'cpu', 'gpu'] as const;

/** Offers a base to everybody, or changes one that is offered. */
export function BaseDialog({ base, onClose }: BaseDialogProps) {
  const { t } = useTranslation(['settings', 'ui']);
  const create = useCreateBaseImage();
  const edit = useEditBaseImage();
  const form = useForm({
    initial: {
      reference: base?.reference ?? '',
      name: base?.name ?? '',
      description: base?.description ?? '',
      type: base?.type ?? 'universal',
      pullSecret: base?.pullSecret ?? null,
    },
    required: base === undefined ? ['reference'] : ['reference', 'name'],
  });
  const { field, values } = form;
  const secrets = (usePullSecrets().data?.items ?? []).filter(({ ownerGroup }) => ownerGroup === null);
  const save = async () => {
    const { name, reference, ...rest } = { ...values, name: values.name.trim(), reference: values.reference.trim() };
    if (base !== undefined) await edit.mutateAsync({ params: { id: base.id }, body: { name, reference, ...rest } });
    else await create.mutateAsync({ body: { reference, ...(name !== '' && { name }), ...rest } });
    notify({ kind: 'success', text: t('saved', { name: name || reference }) });
    onClose();
  };
  return (
    <FormDialog
      title={base === undefined ? t('base.add') : t('ui:thing.edit', { name: base.name })}
      confirmText={base === undefined ? t('create') : t('save')}
      {...{ form, onClose }}
      onSubmit={save}
    >
      <TextField
        label={t('base.reference')}
        hint={<Contents reference={values.reference} pullSecret={values.pullSecret} />}
        maxLength={1000}
        {...field('reference')}
      />
      <ChoiceField
        label={t('base.pullSecret')}
        hint={t('base.secretHint')}
        options={[
          { value: null, text: t('base.noSecret') },
          ...secrets.map(({ name, registryHost }) => ({ value: name, text: `${name} · ${registryHost}` })),
        ]}
        {...field('pullSecret')}
      />
      <TextField label={t('name')} hint={t('base.nameHint')} maxLength={200} {...field('name')} />
      <TextField label={t('description')} rows={2} maxLength={10_000} {...field('description')} />
      <ChoiceField
        label={t('base.type')}
        options={types.map((value) => ({ value, text: t(`ui:type.${value}`) }))}
        {...field('type')}
      />
    </FormDialog>
  );
}

/** Whether the reference can be built upon, told while it is typed. */
function Contents({ reference, pullSecret }: { readonly reference: string; readonly pullSecret: string | null }) {
  const { t } = useTranslation('settings');
  const { data, error, isFetching } = useBaseContents({ reference: reference.trim(), pullSecret, ownerGroup: null });
  if (isFetching) return <span role="status">{t('base.asked')}</span>;
  if (error !== null) {
    return (
      <span className="bad">
        <Said text={error.message} />
      </span>
    );
  }
  if (data === undefined) return t('base.referenceHint');
  const python = data.python === null ? t('base.noPython') : t('base.python', { version: data.python.version });
  return <span role="status">{[data.os, python, data.platform].filter((fact) => fact !== null).join(' · ')}</span>;
}
