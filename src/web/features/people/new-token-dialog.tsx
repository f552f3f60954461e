import { Button, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type CreatedToken, type Scope, useCreateToken } from '../../data/tokens.ts';
import { ChoiceField } from '../../ui/choice-field.tsx';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { ReferenceText } from '../../ui/reference-text.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { useForm } from '../../ui/use-form.ts';
import { useReturnFocus } from '../../ui/use-return-focus.ts';

const scopes = ['read', 'write', 'admin'] as const satisfies readonly Scope[];
const lifetimes = ['7', '30', '90', '365', 'never'] as const;

/** Makes an API token of one's own, and shows it this once. */
export function NewTokenDialog({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation('people');
  const { mutateAsync } = useCreateToken();
  const [made, setMade] = useState<CreatedToken>();
  const form = useForm({
    initial: { name: '', scope: 'write' as Scope, lifetime: '90' as (typeof lifetimes)[number] },
    required: ['name'],
  });
  const { field, values } = form;
  const make = async () => {
    const { name, scope, lifetime } = values;
    const expiresInDays = lifetime === 'never' ? null : Number(lifetime);
    setMade(await mutateAsync({ body: { name: name.trim(), scopes: [scope], expiresInDays } }));
  };
  if (made !== undefined) return <MadeToken made={made} onClose={onClose} />;
  return (
    <FormDialog title={t('token.add')} confirmText={t('create')} {...{ form, onClose }} onSubmit={make}>
      <TextField label={t('name')} hint={t('token.nameHint')} maxLength={100} {...field('name')} />
      <ChoiceField
        label={t('token.scopes')}
        hint={t(`token.scopeText.${values.scope}`)}
        options={scopes.map((value) => ({ value, text: t(`token.scope.${value}`) }))}
        {...field('scope', 'scopes')}
      />
      <ChoiceField
        label={t('token.lifetime')}
        options={lifetimes.map((value) => ({
          value,
          text: value === 'never' ? t('token.forEver') : t('token.days', { count: Number(value) }),
        }))}
        {...field('lifetime', 'expiresInDays')}
      />
    </FormDialog>
  );
}

function MadeToken({ made: { name, token }, onClose }: { readonly made: CreatedToken; readonly onClose: () => void }) {
  const { t } = useTranslation('people');
  useReturnFocus();
  return (
    <Modal
      open
      title={t('token.made', { name })}
      onCancel={onClose}
      // Whoever clicks beside it by mistake would have lost it.
      mask={{ closable: false }}
      footer={
        <Button type="primary" onClick={onClose}>
          {t('token.kept')}
        </Button>
      }
    >
      <div className="stack">
        <p>{t('token.onceText')}</p>
        <div className="shown-once">
          <ReferenceText text={token} thing={t('token.token')} />
        </div>
        <p className="muted">{t('token.useText')}</p>
        <ReferenceText text={`imagewright login ${location.origin}`} thing={t('token.command')} />
      </div>
    </Modal>
  );
}
