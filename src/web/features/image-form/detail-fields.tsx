import { Checkbox, Input, Radio, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useGroups } from '../../data/groups.ts';
import { useMe } from '../../data/me.ts';
import { FormField } from '../../ui/form-field.tsx';
import type { ImageFormState } from './use-image-form.ts';

const types = ['universal', 'cpu', 'gpu'] as const;

/** What people see of the image, what it is for and who sees it; what one may not set is not offered. */
export function DetailFields({ form }: { readonly form: ImageFormState }) {
  const { t } = useTranslation(['imageForm', 'ui']);
  const { draft, set, problemsAt } = form;
  return (
    <>
      <h2>{t('details')}</h2>
      <FormField label={t('field.displayName')} problems={problemsAt('displayName')}>
        {(attributes) => (
          <Input
            {...attributes}
            maxLength={200}
            value={draft.displayName}
            onChange={(event) => set({ displayName: event.target.value })}
          />
        )}
      </FormField>
      <FormField label={t('field.description')} problems={problemsAt('description')}>
        {(attributes) => (
          <Input.TextArea
            {...attributes}
            rows={3}
            maxLength={10_000}
            value={draft.description}
            onChange={(event) => set({ description: event.target.value })}
          />
        )}
      </FormField>
      <fieldset className="form-field">
        <legend>{t('field.type')}</legend>
        <Radio.Group
          aria-label={t('field.type')}
          value={draft.type}
          options={types.map((type) => ({ value: type, label: t(`ui:type.${type}`) }))}
          onChange={({ target }) => set({ type: target.value })}
        />
      </fieldset>
      <CudaField form={form} />
      <BytecodeField form={form} />
      <OwnerField form={form} />
      <AudienceField form={form} />
    </>
  );
}

/** What the machines have, which only conda packages ask about. */
function CudaField({ form: { draft, set, problemsAt } }: { readonly form: ImageFormState }) {
  const { t } = useTranslation('imageForm');
  const isAsked = draft.kind === 'custom' && (draft.packages.conda.trim() !== '' || draft.cuda !== '');
  if (!isAsked) return null;
  return (
    <FormField label={t('field.cuda')} hint={t('cudaHint')} problems={problemsAt('spec.cuda')}>
      {(attributes) => (
        <Input
          {...attributes}
          autoComplete="off"
          maxLength={20}
          value={draft.cuda}
          onChange={({ target }) => set({ cuda: target.value })}
        />
      )}
    </FormField>
  );
}

/** Whose image it is; there is nothing to choose for who administers one group. */
function OwnerField({ form: { image, draft, set, problemsAt } }: { readonly form: ImageFormState }) {
  const { t } = useTranslation('imageForm');
  const me = useMe();
  const groups = useGroups().data?.items ?? [];
  const managed = groups.filter(({ name }) => me.isAdmin || me.groups[name] === 'admin').map(({ name }) => name);
  const current = image?.ownerGroup ?? null;
  const names = current === null || managed.includes(current) ? managed : [current, ...managed];
  const options = names.map((name) => ({ value: name, label: name }));
  const platform = { value: '', label: t('platform') };
  if (!me.isAdmin && options.length < 2) return null;
  return (
    <FormField label={t('field.ownerGroup')} hint={t('ownerHint')} problems={problemsAt('ownerGroup')}>
      {(attributes) => (
        <Select
          {...attributes}
          showSearch={{ optionFilterProp: 'label' }}
          value={draft.ownerGroup ?? ''}
          options={me.isAdmin ? [platform, ...options] : options}
          onChange={(name: string) => set({ ownerGroup: name === '' ? null : name })}
        />
      )}
    </FormField>
  );
}

function BytecodeField({ form: { draft, set } }: { readonly form: ImageFormState }) {
  const { t } = useTranslation('imageForm');
  if (draft.kind !== 'custom') return null;
  return (
    <Checkbox checked={draft.compileBytecode} onChange={({ target }) => set({ compileBytecode: target.checked })}>
      {t('field.compileBytecode')}
    </Checkbox>
  );
}

function AudienceField({ form: { image, draft, set, problemsAt } }: { readonly form: ImageFormState }) {
  const { t } = useTranslation('imageForm');
  const { isAdmin } = useMe();
  const groups = (useGroups().data?.items ?? []).map(({ name }) => name);
  const names = [...new Set([...groups, ...draft.groups])].filter((name) => name !== draft.ownerGroup);
  return (
    <>
      {/* Only administrators show an image to everybody; whoever may edit it may take that back. */}
      {(isAdmin || image?.isGlobal) && (
        <Checkbox checked={draft.isGlobal} onChange={({ target }) => set({ isGlobal: target.checked })}>
          {t('field.isGlobal')}
        </Checkbox>
      )}
      {!draft.isGlobal && names.length > 0 && (
        <FormField label={t('field.groups')} hint={t('groupsHint')} problems={problemsAt('groups')}>
          {(attributes) => (
            <Select
              {...attributes}
              mode="multiple"
              value={[...draft.groups]}
              options={names.map((name) => ({ value: name, label: name }))}
              onChange={(chosen: string[]) => set({ groups: chosen })}
            />
          )}
        </FormField>
      )}
    </>
  );
}
