import { EditOutlined, EyeOutlined } from '@ant-design/icons';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Image } from '../../data/images.ts';
import { useMayManage } from '../../data/me.ts';
import { type Column, DataTable, type Sort } from '../../ui/data-table.tsx';
import { IconLink } from '../../ui/icon-link.tsx';
import { JobStatus } from '../../ui/job-status.tsx';
import { ReferenceText } from '../../ui/reference-text.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { DeleteImage } from './delete-image.tsx';

interface ImageTableProps {
  readonly images: readonly Image[];
  readonly isStale: boolean;
  readonly sort: Sort;
  readonly onSort: (sort: Sort) => void;
}

export function ImageTable({ images, isStale, sort, onSort }: ImageTableProps) {
  const { t } = useTranslation(['images', 'ui']);
  const columns: readonly Column<Image>[] = [
    {
      key: 'name',
      title: t('column.name'),
      isSortable: true,
      isRowHeader: true,
      cell: (image) => <NameCell {...image} />,
    },
    {
      key: 'state',
      title: t('column.status'),
      isSortable: true,
      isNarrow: true,
      cell: (image) => <StatusCell {...image} />,
    },
    { key: 'url', title: t('column.image'), cell: (image) => <UrlCell {...image} /> },
    {
      key: 'type',
      title: t('column.type'),
      isSortable: true,
      isNarrow: true,
      cell: ({ type }) => t(`ui:type.${type}`),
    },
    {
      key: 'updatedAt',
      title: t('column.updated'),
      isSortable: true,
      isNarrow: true,
      cell: ({ updatedAt }) => <RelativeTime at={updatedAt} />,
    },
    {
      key: 'actions',
      title: t('column.actions'),
      align: 'end',
      isNarrow: true,
      cell: (image) => <ActionsCell image={image} />,
    },
  ];
  return (
    <DataTable
      label={t('title')}
      columns={columns}
      rows={images}
      rowKey={({ name }) => name}
      {...{ isStale, sort, onSort }}
    />
  );
}

function NameCell({ name, displayName }: Image) {
  return (
    <span className="name-cell">
      <Link to={`/images/${name}`}>{name}</Link>
      {displayName !== '' && <span className="muted">{displayName}</span>}
    </span>
  );
}

function StatusCell({ kind, status, progress, latestJobId }: Image) {
  const { t } = useTranslation('images');
  if (kind === 'existing') return <span className="muted">{t('existing')}</span>;
  if (status === null || latestJobId === null) return null;
  return (
    <Link to={`/jobs/${latestJobId}`} className="quiet-link">
      <JobStatus state={status} progress={progress} />
    </Link>
  );
}

function UrlCell({ url, status }: Image) {
  const { t } = useTranslation('images');
  if (url !== null) return <ReferenceText text={url} thing={t('url')} />;
  return <span className="muted">{status === 'Failed' || status === 'Cancelled' ? t('notReady') : t('notYet')}</span>;
}

function ActionsCell({ image }: { readonly image: Image }) {
  const { t } = useTranslation('images');
  const mayManage = useMayManage(image.ownerGroup);
  const { name } = image;
  return (
    <span className="actions">
      <IconLink to={`/images/${name}`} label={t('action.view', { name })} icon={<EyeOutlined />} />
      {mayManage && <IconLink to={`/images/${name}/edit`} label={t('action.edit', { name })} icon={<EditOutlined />} />}
      {mayManage && <DeleteImage name={name} isIcon />}
    </span>
  );
}
