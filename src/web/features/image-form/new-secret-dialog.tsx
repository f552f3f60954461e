import { Input, Modal } from 'antd';
import { type FormEvent, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { parseReference } from '../../../oci/reference.ts';
import { useCreatePullSecret } from '../../data/pull-secrets.ts';
import { FormField } from '../../ui/form-field.tsx';
import { ProblemAlert } from '../../ui/problem-alert.tsx';
import { problemsAt, problemsOf } from './form-problems.ts';

interface NewSecretDialogProps {
  /** The image that it is wanted for: its registry is filled in. */
  readonly reference: string;
  /** The group that it will belong to, as the image does. */
  readonly ownerGroup: string | null;
  readonly onClose: () => void;
  readonly onMade: (name: string) => void;
}

const fields = ['name', 'registryHost', 'username', 'password'] as const;

/** Makes a pull secret without leaving the form. */
export function NewSecretDialog({ reference, ownerGroup, onClose, onMade }: NewSecretDialogProps) {
  const { t } = useTranslation('imageForm');
  const form = useId();
  const { mutateAsync, isPending, error, reset } = useCreatePullSecret();
  const [written, setWritten] = useState(() => ({
    ...{ name: '', username: '', password: '' },
    registryHost: registryOf(reference),
  }));
  const make = async (event: FormEvent) => {
    event.preventDefault();
    // The dialog stands inside the form of the image, though the browser shows it elsewhere.
    event.stopPropagation();
    try {
      const { items } = await mutateAsync({ body: { ...written, ownerGroup } });
      onMade(items[0]!.name);
    } catch {
      // It is shown.
    }
  };
  const problems = problemsOf(error);
  return (
    <Modal
      open
      title={t('secret.title')}
      okText={t('secret.make')}
      okButtonProps={{ htmlType: 'submit', form, loading: isPending }}
      cancelText={t('cancel')}
      onCancel={onClose}
    >
      <form id={form} className="stack" noValidate onSubmit={make}>
        <p className="muted">
          {ownerGroup === null ? t('secret.ofPlatform') : t('secret.ofGroup', { group: ownerGroup })}
        </p>
        {fields.map((field) => (
          <FormField key={field} label={t(`secret.${field}`)} isRequired problems={problemsAt(field, problems)}>
            {(attributes) => {
              const input = {
                ...attributes,
                autoComplete: field === 'password' ? 'new-password' : 'off',
                spellCheck: false,
                value: written[field],
                onChange: ({ target }: { readonly target: { readonly value: string } }) => {
                  setWritten((before) => ({ ...before, [field]: target.value }));
                  if (error !== null) reset();
                },
              };
              return field === 'password' ? <Input.Password {...input} /> : <Input {...input} />;
            }}
          </FormField>
        ))}
        {error !== null && <ProblemAlert error={error} withProblems={false} />}
      </form>
    </Modal>
  );
}

function registryOf(reference: string): string {
  try {
    return parseReference(reference.trim()).repository.registry;
  } catch {
    return '';
  }
}
