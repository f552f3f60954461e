import { AutoComplete, Input, type InputProps, type InputRef } from 'antd';
import { type Ref, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type BaseChoice, useBaseChoices, useBaseContents } from '../../data/base-choices.ts';
import { FormField } from '../../ui/form-field.tsx';
import { Said } from '../../ui/said.tsx';
import { useFormat } from '../../ui/use-format.ts';
import type { ImageFormState } from './use-image-form.ts';

/** What is built upon: any reference, or one of those that are offered, with what it holds. */
export function BaseField({ form: { draft, set, complaints, problemsAt } }: { readonly form: ImageFormState }) {
  const { t } = useTranslation('imageForm');
  // Whoever has chosen wants to see all choices again, not only the one that they have.
  const [search, setSearch] = useState('');
  const choices = useBaseChoices(search).data?.items ?? [];
  const choose = (reference: string) => {
    const chosen = choices.find((each) => each.reference === reference);
    set({ base: reference, ...(chosen && { pullSecret: chosen.pullSecret }) });
    setSearch('');
  };
  return (
    <FormField
      label={t('field.base')}
      hint={draft.base.trim() === '' ? t('baseHint') : <BaseFacts draft={draft} />}
      isRequired
      complaint={complaints.base && t(`complaint.${complaints.base}`)}
      problems={problemsAt('spec.base')}
    >
      {(attributes) => (
        <AutoComplete
          value={draft.base}
          options={choices.map((choice) => ({ value: choice.reference, label: <Choice choice={choice} /> }))}
          showSearch={{ filterOption: false, onSearch: setSearch }}
          onChange={(base: string) => set({ base })}
          onSelect={choose}
          onBlur={() => setSearch('')}
        >
          <ComboboxInput {...attributes} autoComplete="off" spellCheck={false} />
        </AutoComplete>
      )}
    </FormField>
  );
}

/** The list names an entry that is not there (`…_list_-1`) as long as none is chosen; to screen readers that is nonsense. */
function ComboboxInput({ 'aria-activedescendant': active, ...props }: InputProps & { readonly ref?: Ref<InputRef> }) {
  const chosen = active?.endsWith('_-1') ? {} : { 'aria-activedescendant': active };
  return <Input {...props} {...chosen} />;
}

function Choice({ choice: { name, reference, type, source, ownerGroup } }: { readonly choice: BaseChoice }) {
  const { t } = useTranslation(['imageForm', 'ui']);
  const kind = source === 'registered' ? t('choice.registered') : (ownerGroup ?? t('choice.image'));
  return (
    <span className="base-choice">
      <span>
        {name} <span className="muted">{[kind, t(`ui:type.${type}`)].join(' · ')}</span>
      </span>
      {name !== reference && <code className="muted">{reference}</code>}
    </span>
  );
}

/** What the base holds, or why that is not known. */
function BaseFacts({ draft: { base, pullSecret, ownerGroup } }: Pick<ImageFormState, 'draft'>) {
  const { t } = useTranslation('imageForm');
  const format = useFormat();
  const { data, error, isFetching } = useBaseContents({ reference: base.trim(), pullSecret, ownerGroup });
  if (isFetching) return <span role="status">{t('baseAsked')}</span>;
  if (error !== null) {
    return (
      <span className="bad">
        <Said text={error.message} />
      </span>
    );
  }
  if (data === undefined) return t('baseHint');
  const { os, python, layers, sizeBytes } = data;
  const facts = [
    os,
    python === null ? t('noPython') : t('python', { version: python.version, count: python.packages }),
    format.bytes(sizeBytes),
    t('layers', { count: layers }),
  ];
  return <span role="status">{facts.filter((fact) => fact !== null).join(' · ')}</span>;
}
