import { useTranslation } from 'react-i18next';
import { notify } from '../../data/notices.ts';
import { type User, useCreateUser, useEditUser } from '../../data/users.ts';
import { CheckField } from '../../ui/check-field.tsx';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { useForm } from '../../ui/use-form.ts';

interface UserDialogProps {
  /** Absent for a new one. */
  readonly user?: User;
  readonly onClose: () => void;
  /** In place of `onClose`, where a user was made. */
  readonly onMade?: (user: User) => void;
}

/** Makes a user, or changes one. */
export function UserDialog({ user, onClose, onMade }: UserDialogProps) {
  const { t } = useTranslation(['people', 'ui']);
  const create = useCreateUser();
  const edit = useEditUser();
  const form = useForm({
    initial: {
      name: user?.name ?? '',
      displayName: user?.displayName ?? '',
      email: user?.email ?? '',
      isAdmin: user?.isAdmin ?? false,
      isDisabled: user?.isDisabled ?? false,
    },
    required: ['name'],
  });
  const { field, values } = form;
  const save = async () => {
    const { isDisabled, name, ...rest } = values;
    if (user !== undefined) {
      await edit.mutateAsync({ params: { name }, body: { ...rest, isDisabled } });
      onClose();
    } else {
      const made = await create.mutateAsync({ body: { name, ...rest } });
      (onMade ?? onClose)(made);
    }
    notify({ kind: 'success', text: t('saved', { name }) });
  };
  return (
    <FormDialog
      title={user === undefined ? t('user.add') : t('ui:thing.edit', { name: user.name })}
      confirmText={user === undefined ? t('create') : t('save')}
      {...{ form, onClose }}
      onSubmit={save}
    >
      {user === undefined && <TextField label={t('name')} hint={t('nameHint')} maxLength={63} {...field('name')} />}
      <TextField label={t('displayName')} maxLength={200} {...field('displayName')} />
      <TextField label={t('user.email')} maxLength={320} {...field('email')} />
      <CheckField label={t('administrator')} hint={t('user.adminHint')} {...field('isAdmin')} />
      {user !== undefined && (
        <CheckField label={t('user.disabled')} hint={t('user.disabledHint')} {...field('isDisabled')} />
      )}
    </FormDialog>
  );
}
