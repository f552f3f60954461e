import { Alert, Radio } from 'antd';
import { useTranslation } from 'react-i18next';
import { ScrollingText } from '../../ui/scrolling-text.tsx';
import { isSame } from './draft.ts';
import { type Conflict, fieldsOf, withFields } from './merge-drafts.ts';
import type { ImageFormState } from './use-image-form.ts';

/** Says that somebody else has changed the image meanwhile, and lets one choose where both have changed the same. */
export function StaleEdit({ form: { draft, set, conflicts } }: { readonly form: ImageFormState }) {
  const { t } = useTranslation('imageForm');
  if (conflicts === undefined) return null;
  return (
    <Alert
      type="warning"
      showIcon
      role="alert"
      title={t('stale.title')}
      description={
        <div className="stack">
          <p>{conflicts.length === 0 ? t('stale.merged') : t('stale.choose')}</p>
          {conflicts.map((conflict) => (
            <ConflictChoice
              key={conflict.field}
              conflict={conflict}
              isTheirs={isSame(fieldsOf(draft)[conflict.field], conflict.theirs)}
              onChoose={(value) => set((before) => withFields(before, { [conflict.field]: value }))}
            />
          ))}
        </div>
      }
    />
  );
}

interface ConflictChoiceProps {
  readonly conflict: Conflict;
  readonly isTheirs: boolean;
  readonly onChoose: (value: unknown) => void;
}

function ConflictChoice({ conflict: { field, mine, theirs }, isTheirs, onChoose }: ConflictChoiceProps) {
  const { t } = useTranslation('imageForm');
  const label = t(`field.${field}`);
  const versions = [
    { key: 'mine', text: t('stale.mine'), value: mine },
    { key: 'theirs', text: t('stale.theirs'), value: theirs },
  ];
  return (
    <fieldset className="conflict">
      <legend>{label}</legend>
      <Radio.Group
        aria-label={label}
        value={isTheirs ? 'theirs' : 'mine'}
        onChange={({ target }) => onChoose(target.value === 'theirs' ? theirs : mine)}
      >
        {versions.map(({ key, text, value }) => (
          <div key={key}>
            <Radio value={key}>{text}</Radio>
            <ScrollingText label={`${label}: ${text}`} text={textOf(value)} />
          </div>
        ))}
      </Radio.Group>
    </fieldset>
  );
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.join(', ') || '–';
  return value === null || value === '' ? '–' : String(value).trimEnd();
}
