import { PlusOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type BaseImage, useBaseImages, useDeleteBaseImage } from '../../data/base-images.ts';
import { useDeletion } from '../../data/use-deletion.ts';
import { Answered } from '../../ui/answered.tsx';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { ListBar } from '../../ui/list-bar.tsx';
import { PageTurner } from '../../ui/page-turner.tsx';
import { ReferenceText } from '../../ui/reference-text.tsx';
import { RowActions } from '../../ui/row-actions.tsx';
import { useListParameters } from '../../ui/use-list-parameters.ts';
import { BaseDialog } from './base-dialog.tsx';

/** The bases that are offered to everybody. */
export function Component() {
  const { t } = useTranslation('settings');
  const { page, q, setPage, search } = useListParameters();
  const bases = useBaseImages({ page, q });
  const [edited, setEdited] = useState<BaseImage | 'new'>();
  return (
    <>
      <p className="muted tab-intro">{t('base.intro')}</p>
      <ListBar q={q} onSearch={search}>
        <Button type="primary" icon={<PlusOutlined />} onClick={() => setEdited('new')}>
          {t('base.add')}
        </Button>
      </ListBar>
      <Answered query={bases}>
        {({ items, total, pageSize }) => (
          <>
            <BaseTable
              // Registered bases alone were asked for, and those have one.
              bases={items.map((base) => ({ ...base, id: base.id! }))}
              isStale={bases.isPlaceholderData}
              onEdit={setEdited}
            />
            <PageTurner {...{ page, pageSize, total }} onTurn={setPage} />
          </>
        )}
      </Answered>
      {edited !== undefined && (
        <BaseDialog {...(edited !== 'new' && { base: edited })} onClose={() => setEdited(undefined)} />
      )}
    </>
  );
}

interface BaseTableProps {
  readonly bases: readonly BaseImage[];
  readonly isStale: boolean;
  readonly onEdit: (base: BaseImage) => void;
}

function BaseTable({ bases, isStale, onEdit }: BaseTableProps) {
  const { t } = useTranslation(['settings', 'ui']);
  const columns: readonly Column<BaseImage>[] = [
    { key: 'name', title: t('name'), isRowHeader: true, cell: (base) => <NameCell {...base} /> },
    {
      key: 'reference',
      title: t('base.reference'),
      cell: ({ reference }) => <ReferenceText text={reference} thing={t('base.reference')} />,
    },
    { key: 'type', title: t('base.type'), isNarrow: true, cell: ({ type }) => t(`ui:type.${type}`) },
    { key: 'secret', title: t('base.pullSecret'), isNarrow: true, cell: ({ pullSecret }) => pullSecret ?? '–' },
    {
      key: 'actions',
      title: t('actions'),
      align: 'end',
      isNarrow: true,
      cell: (base) => <BaseActions base={base} onEdit={() => onEdit(base)} />,
    },
  ];
  return (
    <DataTable
      label={t('tab.bases')}
      columns={columns}
      rows={bases}
      rowKey={({ id }) => id}
      isStale={isStale}
      empty={t('base.none')}
    />
  );
}

function NameCell({ name, description }: BaseImage) {
  return (
    <span className="name-cell">
      {name}
      {description !== '' && <span className="muted">{description}</span>}
    </span>
  );
}

function BaseActions({ base: { id, name }, onEdit }: { readonly base: BaseImage; readonly onEdit: () => void }) {
  const { t } = useTranslation('settings');
  const remove = useDeletion(useDeleteBaseImage());
  return (
    <RowActions
      name={name}
      deleteText={t('base.deleteText')}
      onEdit={onEdit}
      onDelete={() => remove(name, { params: { id } })}
    />
  );
}
