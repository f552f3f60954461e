import { ArrowDownOutlined, ArrowUpOutlined, PlusOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { messageOf } from '../../../errors.ts';
import { notify } from '../../data/notices.ts';
import {
  type PackageSource,
  useDeletePackageSource,
  useOrderSources,
  usePackageSources,
} from '../../data/package-sources.ts';
import { useDeletion } from '../../data/use-deletion.ts';
import { tell } from '../../i18n/told.ts';
import { Answered } from '../../ui/answered.tsx';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { RowActions } from '../../ui/row-actions.tsx';
import { SourceDialog } from './source-dialog.tsx';
import { moved } from './source-values.ts';

/** Where packages come from, kind by kind in the order in which they are asked. */
export function Component() {
  const { t } = useTranslation('settings');
  const sources = usePackageSources();
  const [edited, setEdited] = useState<PackageSource | 'new'>();
  return (
    <>
      <p className="muted tab-intro">{t('source.intro')}</p>
      <div className="toolbar">
        <span className="toolbar-gap" />
        <Button type="primary" icon={<PlusOutlined />} onClick={() => setEdited('new')}>
          {t('source.add')}
        </Button>
      </div>
      <Answered query={sources}>
        {({ items }) => (
          <>
            <SourceTable sources={items} onEdit={setEdited} />
            {edited !== undefined && (
              <SourceDialog
                {...(edited !== 'new' && { source: edited })}
                sources={items}
                onClose={() => setEdited(undefined)}
              />
            )}
          </>
        )}
      </Answered>
    </>
  );
}

interface SourceTableProps {
  readonly sources: readonly PackageSource[];
  readonly onEdit: (source: PackageSource) => void;
}

function SourceTable({ sources, onEdit }: SourceTableProps) {
  const { t } = useTranslation('settings');
  const columns: readonly Column<PackageSource>[] = [
    { key: 'kind', title: t('source.kind'), isNarrow: true, cell: ({ kind }) => t(`source.kindOf.${kind}`) },
    { key: 'order', title: t('source.order'), isNarrow: true, cell: (source) => <Order {...{ source, sources }} /> },
    { key: 'name', title: t('name'), isRowHeader: true, isNarrow: true, cell: ({ name }) => name },
    { key: 'url', title: t('source.url'), cell: (source) => <Place {...source} /> },
    {
      key: 'actions',
      title: t('actions'),
      align: 'end',
      isNarrow: true,
      cell: (source) => <SourceActions source={source} onEdit={() => onEdit(source)} />,
    },
  ];
  return (
    <DataTable
      label={t('tab.sources')}
      columns={columns}
      rows={sources}
      rowKey={({ name }) => name}
      empty={t('source.none')}
    />
  );
}

/** Where it is, and what is special of it. */
function Place({ url, hasCredentials, options }: PackageSource) {
  const { isDefault, mirrorOf, suite, components = [], signedBy, noProxy = [] } = options;
  const { t } = useTranslation('settings');
  const facts = [
    isDefault && t('source.isDefault'),
    mirrorOf !== undefined && t('source.standsFor', { of: mirrorOf }),
    suite,
    components.join(' '),
    signedBy !== undefined && t('source.isSigned'),
    noProxy.length > 0 && t('source.without', { hosts: noProxy.join(', ') }),
    hasCredentials && t('source.hasCredentials'),
  ].filter((fact) => typeof fact === 'string' && fact !== '');
  return (
    <span className="name-cell">
      {url !== null && <code>{url}</code>}
      {facts.length > 0 && <span className="muted">{facts.join(' · ')}</span>}
    </span>
  );
}

interface OrderProps {
  readonly source: PackageSource;
  readonly sources: readonly PackageSource[];
}

/** Its place among those of its kind, and what moves it. */
function Order({ source: { name, kind }, sources }: OrderProps) {
  const { t } = useTranslation('settings');
  const order = useOrderSources();
  const [isBusy, setBusy] = useState(false);
  const ofKind = sources.filter((each) => each.kind === kind);
  const place = ofKind.findIndex((each) => each.name === name);
  const move = async (by: -1 | 1) => {
    setBusy(true);
    await order(moved(ofKind, name, by)).catch((error) => notify({ kind: 'error', text: tell(messageOf(error)).text }));
    setBusy(false);
  };
  if (ofKind.length === 1) return <span className="muted">–</span>;
  return (
    <span className="actions">
      <IconButton
        label={t('source.up', { name })}
        icon={<ArrowUpOutlined />}
        isDisabled={isBusy || place === 0}
        onClick={() => move(-1)}
      />
      <IconButton
        label={t('source.down', { name })}
        icon={<ArrowDownOutlined />}
        isDisabled={isBusy || place === ofKind.length - 1}
        onClick={() => move(1)}
      />
    </span>
  );
}

function SourceActions({ source: { name }, onEdit }: { readonly source: PackageSource; readonly onEdit: () => void }) {
  const { t } = useTranslation('settings');
  const remove = useDeletion(useDeletePackageSource());
  return (
    <RowActions
      name={name}
      deleteText={t('source.deleteText')}
      onEdit={onEdit}
      onDelete={() => remove(name, { params: { name } })}
    />
  );
}
