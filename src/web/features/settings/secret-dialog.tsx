import { Radio } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMe } from '../../data/me.ts';
import { notify } from '../../data/notices.ts';
import { type PullSecret, useCreatePullSecret, useEditPullSecret } from '../../data/pull-secrets.ts';
import { ChoiceField } from '../../ui/choice-field.tsx';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { SecretField } from '../../ui/secret-field.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { useForm } from '../../ui/use-form.ts';
import { useOwners } from './use-owners.ts';

interface SecretDialogProps {
  /** Absent for a new one. */
  readonly secret?: PullSecret;
  readonly onClose: () => void;
}

const ways = ['password', 'docker'] as const;

/** Makes a pull secret, by user name and password or from a docker configuration; or changes one. */
export function SecretDialog({ secret, onClose }: SecretDialogProps) {
  const { t } = useTranslation(['settings', 'ui']);
  const { isAdmin } = useMe();
  const owners = useOwners(secret?.ownerGroup);
  const [way, setWay] = useState<(typeof ways)[number]>('password');
  const create = useCreatePullSecret();
  const edit = useEditPullSecret();
  const form = useForm({
    initial: {
      name: secret?.name ?? '',
      registryHost: secret?.registryHost ?? '',
      username: secret?.username ?? '',
      password: undefined as string | null | undefined,
      dockerConfigJson: '',
      ownerGroup: secret === undefined ? (owners[0]?.value ?? null) : secret.ownerGroup,
    },
    required:
      way === 'docker'
        ? ['name', 'dockerConfigJson']
        : ['name', 'registryHost', 'username', ...(secret === undefined ? (['password'] as const) : [])],
  });
  const { field, values } = form;
  const save = async () => {
    const { name, dockerConfigJson, ownerGroup, password, ...host } = values;
    const account = { ...host, ...(password && { password }) };
    const changed = { ...changesOf(account, secret), ...(ownerGroup !== secret?.ownerGroup && { ownerGroup }) };
    if (secret !== undefined) await edit.mutateAsync({ params: { name }, body: changed });
    else
      await create.mutateAsync({ body: { name, ownerGroup, ...(way === 'docker' ? { dockerConfigJson } : account) } });
    notify({ kind: 'success', text: t('saved', { name }) });
    onClose();
  };
  return (
    <FormDialog
      title={secret === undefined ? t('secret.add') : t('ui:thing.edit', { name: secret.name })}
      confirmText={secret === undefined ? t('create') : t('save')}
      {...{ form, onClose }}
      onSubmit={save}
    >
      {secret === undefined && (
        <>
          <TextField label={t('name')} hint={t('secret.nameHint')} maxLength={253} {...field('name')} />
          <Radio.Group
            aria-label={t('secret.way')}
            value={way}
            options={ways.map((value) => ({ value, label: t(`secret.wayOf.${value}`) }))}
            onChange={({ target }) => setWay(target.value)}
          />
        </>
      )}
      {way === 'docker' ? (
        <TextField
          label={t('secret.dockerConfig')}
          hint={t('secret.dockerConfigHint')}
          rows={6}
          {...field('dockerConfigJson')}
        />
      ) : (
        <>
          <TextField
            label={t('secret.registryHost')}
            hint={secret === undefined ? t('secret.hostHint') : t('secret.moveHint')}
            {...field('registryHost')}
          />
          <TextField label={t('secret.username')} {...field('username')} />
          <SecretField label={t('secret.password')} isStored={secret !== undefined} {...field('password')} />
        </>
      )}
      {(isAdmin || owners.length > 1) && (
        <ChoiceField label={t('owner')} hint={t('secret.ownerHint')} options={owners} {...field('ownerGroup')} />
      )}
    </FormDialog>
  );
}

/** What differs from the secret as it stands. */
function changesOf(account: Readonly<Record<string, string>>, secret: PullSecret | undefined) {
  const before: Readonly<Record<string, unknown>> = { ...secret };
  return Object.fromEntries(Object.entries(account).filter(([field, value]) => value !== before[field]));
}
