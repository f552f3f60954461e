import { useTranslation } from 'react-i18next';
import { type Group, useCreateGroup, useEditGroup } from '../../data/groups.ts';
import { notify } from '../../data/notices.ts';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { useForm } from '../../ui/use-form.ts';

interface GroupDialogProps {
  /** Absent for a new one. */
  readonly group?: Group;
  readonly onClose: () => void;
  /** In place of `onClose`, where a group was made. */
  readonly onMade: (group: Group) => void;
}

/** Makes a group, or changes what it is called. */
export function GroupDialog({ group, onClose, onMade }: GroupDialogProps) {
  const { t } = useTranslation(['people', 'ui']);
  const create = useCreateGroup();
  const edit = useEditGroup();
  const form = useForm({
    initial: { name: group?.name ?? '', displayName: group?.displayName ?? '' },
    required: ['name'],
  });
  const { field, values } = form;
  const save = async () => {
    const { name, displayName } = values;
    if (group === undefined) onMade(await create.mutateAsync({ body: values }));
    else {
      await edit.mutateAsync({ params: { name }, body: { displayName } });
      onClose();
    }
    notify({ kind: 'success', text: t('saved', { name }) });
  };
  return (
    <FormDialog
      title={group === undefined ? t('group.add') : t('ui:thing.edit', { name: group.name })}
      confirmText={group === undefined ? t('create') : t('save')}
      {...{ form, onClose }}
      onSubmit={save}
    >
      {group === undefined && <TextField label={t('name')} hint={t('nameHint')} maxLength={63} {...field('name')} />}
      <TextField label={t('displayName')} maxLength={200} {...field('displayName')} />
    </FormDialog>
  );
}
