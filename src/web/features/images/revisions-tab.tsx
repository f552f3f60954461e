import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate, useSearchParams } from 'react-router';
import { messageOf } from '../../../errors.ts';
import { type Revision, useRevisions, useRollBackImage } from '../../data/images.ts';
import { useMayManage } from '../../data/me.ts';
import { notify } from '../../data/notices.ts';
import { tell } from '../../i18n/told.ts';
import { Answered } from '../../ui/answered.tsx';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { pageParameter } from '../../ui/page-parameter.ts';
import { PageTurner } from '../../ui/page-turner.tsx';
import { ReferenceText } from '../../ui/reference-text.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { useFormat } from '../../ui/use-format.ts';
import { useShownImage } from './image-view.tsx';
import { RevisionDiff } from './revision-diff.tsx';

/** All that was built of an image and can still be pulled. */
export function Component() {
  const { t } = useTranslation('images');
  const { name } = useShownImage();
  const [params, setParams] = useSearchParams();
  const revisions = useRevisions(name, pageParameter(params));
  return (
    <Answered query={revisions}>
      {({ items, total, page, pageSize }) =>
        total === 0 ? (
          <EmptyState title={t('revision.none')}>{t('revision.noneText')}</EmptyState>
        ) : (
          <div className="stack">
            <div>
              <RevisionTable revisions={items} isStale={revisions.isPlaceholderData} />
              <PageTurner {...{ page, pageSize, total }} onTurn={(next) => setParams({ page: String(next) })} />
            </div>
            {items.length > 1 && <RevisionDiff name={name} revisions={items} />}
          </div>
        )
      }
    </Answered>
  );
}

function RevisionTable({ revisions, isStale }: { readonly revisions: readonly Revision[]; readonly isStale: boolean }) {
  const { t } = useTranslation('images');
  const { name, ownerGroup } = useShownImage();
  const mayManage = useMayManage(ownerGroup);
  const format = useFormat();
  const columns: readonly Column<Revision>[] = [
    {
      key: 'revision',
      title: t('revision.revision'),
      isRowHeader: true,
      isNarrow: true,
      cell: ({ revision, isInForce }) => (
        <>
          <Link to={`/images/${name}/contents?revision=${revision}`}>
            <code>{revision}</code>
          </Link>{' '}
          {isInForce && <span className="tag good">{t('revision.inForce')}</span>}
        </>
      ),
    },
    {
      key: 'created',
      title: t('revision.created'),
      isNarrow: true,
      cell: ({ createdAt }) => <RelativeTime at={createdAt} />,
    },
    {
      key: 'packages',
      title: t('revision.packages'),
      align: 'end',
      isNarrow: true,
      cell: ({ packages }) => format.number(packages.length),
    },
    {
      key: 'size',
      title: t('revision.size'),
      align: 'end',
      isNarrow: true,
      cell: ({ packages }) => format.bytes(packages.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)),
    },
    {
      key: 'pull',
      title: t('field.pull'),
      cell: ({ imageUrl }) => <ReferenceText text={`docker pull ${imageUrl}`} thing={t('field.pull')} />,
    },
    {
      key: 'actions',
      title: t('column.actions'),
      align: 'end',
      isNarrow: true,
      cell: ({ revision, isInForce }) => mayManage && !isInForce && <RollBack revision={revision} />,
    },
  ];
  return (
    <DataTable
      label={t('tab.revisions')}
      columns={columns}
      rows={revisions}
      rowKey={({ revision }) => revision}
      isStale={isStale}
    />
  );
}

/** Whoever rolls back can roll forward again: nothing is asked. */
function RollBack({ revision }: { readonly revision: string }) {
  const { t } = useTranslation('images');
  const { name } = useShownImage();
  const navigate = useNavigate();
  const { mutateAsync } = useRollBackImage();
  const [isBusy, setBusy] = useState(false);
  const rollBack = async () => {
    setBusy(true);
    try {
      const { job } = await mutateAsync({ params: { name }, body: { revision } });
      notify({ kind: 'info', text: t('revision.rollingBack', { name, revision }) });
      if (job !== null) navigate(`/jobs/${job.id}`);
    } catch (error) {
      notify({ kind: 'error', text: tell(messageOf(error)).text });
      setBusy(false);
    }
  };
  return (
    <Button size="small" loading={isBusy} onClick={rollBack} aria-label={t('revision.rollBackTo', { revision })}>
      {t('revision.rollBack')}
    </Button>
  );
}
