import { Button, Checkbox } from 'antd';
import { useTranslation } from 'react-i18next';
import { imageTypeSchema } from '../../../api/images.ts';
import { jobStateSchema } from '../../../api/jobs.ts';
import { useGroups } from '../../data/groups.ts';
import type { ImageQuery } from '../../data/images.ts';
import { Choice } from '../../ui/choice.tsx';
import { SearchField } from '../../ui/search-field.tsx';

interface ImageFiltersProps {
  readonly query: ImageQuery;
  readonly isFiltered: boolean;
  readonly onChange: (changed: Partial<ImageQuery>) => void;
  readonly onClear: () => void;
}

export function ImageFilters({ query, isFiltered, onChange, onClear }: ImageFiltersProps) {
  const { t } = useTranslation(['images', 'ui']);
  const groups = useGroups().data?.items ?? [];
  return (
    <search className="toolbar">
      <SearchField label={t('filter.search')} value={query.q ?? ''} onSearch={(q) => onChange({ q })} />
      <Choice
        label={t('column.status')}
        none={t('filter.anyStatus')}
        value={query.status ?? ''}
        options={jobStateSchema.options.map((value) => ({ value, text: t(`ui:state.${value}`) }))}
        onChange={(status) => onChange({ status: status || undefined })}
      />
      <Choice
        label={t('column.type')}
        none={t('filter.anyType')}
        value={query.type ?? ''}
        options={imageTypeSchema.options.map((value) => ({ value, text: t(`ui:type.${value}`) }))}
        onChange={(type) => onChange({ type: type || undefined })}
      />
      {groups.length > 0 && (
        <Choice
          label={t('field.group')}
          none={t('filter.anyGroup')}
          value={query.group ?? ''}
          options={groups.map(({ name, displayName }) => ({ value: name, text: displayName || name }))}
          onChange={(group) => onChange({ group: group || undefined })}
        />
      )}
      <Checkbox
        checked={query.mine === 'true'}
        onChange={({ target }) => onChange({ mine: target.checked ? 'true' : undefined })}
      >
        {t('filter.mine')}
      </Checkbox>
      {isFiltered && (
        <Button type="link" onClick={onClear}>
          {t('filter.clear')}
        </Button>
      )}
    </search>
  );
}
