import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { type Column, DataTable } from './data-table.tsx';
import { JobStatus } from './job-status.tsx';
import { ReferenceText } from './reference-text.tsx';
import { RelativeTime } from './relative-time.tsx';
import { type Timed, useElapsed } from './use-elapsed.ts';
import { useFormat } from './use-format.ts';

interface ShownJob extends Timed {
  readonly id: string;
  readonly image: string;
  readonly number: number;
  readonly state: Parameters<typeof JobStatus>[0]['state'];
  readonly progress: Parameters<typeof JobStatus>[0]['progress'];
  readonly reason: 'create' | 'edit' | 'rebuild' | 'rollback';
  readonly revision: string | null;
  readonly imageUrl: string | null;
  readonly requestedBy: string;
  readonly createdAt: string;
}

interface JobTableProps {
  readonly label: string;
  readonly jobs: readonly ShownJob[];
  readonly isStale: boolean;
  /** Says of which image each job is. */
  readonly withImage?: boolean;
}

/** Jobs with what became of them. */
export function JobTable({ label, jobs, isStale, withImage = false }: JobTableProps) {
  const { t } = useTranslation('ui');
  const columns: readonly Column<ShownJob>[] = [
    {
      key: 'job',
      title: t('job.job'),
      isRowHeader: true,
      isNarrow: true,
      cell: ({ id, image, number }) => (
        <Link to={`/jobs/${id}`} className="job-link">
          {withImage ? `${image} #${number}` : `#${number}`}
        </Link>
      ),
    },
    {
      key: 'updated',
      title: t('job.updated'),
      isNarrow: true,
      cell: ({ endedAt, startedAt, createdAt }) => <RelativeTime at={endedAt ?? startedAt ?? createdAt} />,
    },
    {
      key: 'state',
      title: t('job.status'),
      isNarrow: true,
      cell: ({ state, progress }) => <JobStatus state={state} progress={progress} />,
    },
    {
      key: 'revision',
      title: t('job.revision'),
      cell: ({ imageUrl, revision }) =>
        imageUrl === null ? <code>{revision}</code> : <ReferenceText text={imageUrl} thing={t('imageUrl')} />,
    },
    { key: 'duration', title: t('job.duration'), align: 'end', isNarrow: true, cell: (job) => <Duration job={job} /> },
    { key: 'who', title: t('job.who'), isNarrow: true, cell: ({ requestedBy }) => requestedBy },
    { key: 'reason', title: t('job.reason'), isNarrow: true, cell: ({ reason }) => t(`reason.${reason}`) },
    {
      key: 'actions',
      title: t('actions'),
      align: 'end',
      isNarrow: true,
      cell: ({ id, number }) => (
        <Link to={`/jobs/${id}`} aria-label={t('job.viewLogOf', { number })}>
          {t('job.viewLog')}
        </Link>
      ),
    },
  ];
  return (
    <DataTable
      label={label}
      columns={columns}
      rows={jobs}
      rowKey={({ id }) => id}
      isStale={isStale}
      empty={t('job.none')}
    />
  );
}

/** How long a job took, or has taken up to now. */
export function Duration({ job }: { readonly job: Timed }) {
  const format = useFormat();
  const seconds = useElapsed(job);
  return seconds === undefined ? null : <span className="numbers">{format.duration(seconds)}</span>;
}
