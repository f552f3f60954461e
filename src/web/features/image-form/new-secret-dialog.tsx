import { useTranslation } from 'react-i18next';
import { parseReference } from '../../../oci/reference.ts';
import { useCreatePullSecret } from '../../data/pull-secrets.ts';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { SecretField } from '../../ui/secret-field.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { useForm } from '../../ui/use-form.ts';

interface NewSecretDialogProps {
  /** The image that it is wanted for: its registry is filled in. */
  readonly reference: string;
  /** The group that it will belong to, as the image does. */
  readonly ownerGroup: string | null;
  readonly onClose: () => void;
  readonly onMade: (name: string) => void;
}

/** Makes a pull secret without leaving the form. */
export function NewSecretDialog({ reference, ownerGroup, onClose, onMade }: NewSecretDialogProps) {
  const { t } = useTranslation('imageForm');
  const { mutateAsync } = useCreatePullSecret();
  const form = useForm({
    initial: {
      name: '',
      registryHost: registryOf(reference),
      username: '',
      password: undefined as string | null | undefined,
    },
    required: ['name', 'registryHost', 'username', 'password'],
  });
  const { field, values } = form;
  const make = async () => {
    const password = values.password ?? undefined;
    const { items } = await mutateAsync({ body: { ...values, password, ownerGroup } });
    onMade(items[0]!.name);
  };
  return (
    <FormDialog title={t('secret.title')} confirmText={t('secret.make')} form={form} onSubmit={make} onClose={onClose}>
      <p className="muted">
        {ownerGroup === null ? t('secret.ofPlatform') : t('secret.ofGroup', { group: ownerGroup })}
      </p>
      <TextField label={t('secret.name')} {...field('name')} />
      <TextField label={t('secret.registryHost')} {...field('registryHost')} />
      <TextField label={t('secret.username')} {...field('username')} />
      <SecretField label={t('secret.password')} isStored={false} {...field('password')} />
    </FormDialog>
  );
}

function registryOf(reference: string): string {
  try {
    return parseReference(reference.trim()).repository.registry;
  } catch {
    return '';
  }
}
