import { useTranslation } from 'react-i18next';
import type { Job } from '../../data/jobs.ts';
import { Facts } from '../../ui/facts.tsx';
import { Duration } from '../../ui/job-table.tsx';
import { ReferenceText } from '../../ui/reference-text.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { useFormat } from '../../ui/use-format.ts';

/** What is known of a job besides its steps. */
export function JobFacts({ job }: { readonly job: Job }) {
  const { t } = useTranslation(['jobs', 'ui']);
  const format = useFormat();
  const { imageUrl, revision, requestedBy, reason, createdAt, startedAt, endedAt, totals, attempt, noCache, limits } =
    job;
  const moved =
    totals === null || totals.upToDate
      ? totals && t('fact.upToDate')
      : t('fact.movedText', {
          added: format.number(totals.layers.added),
          base: format.number(totals.layers.base),
          size: format.bytes(totals.bytesPushed),
        });
  return (
    <Facts
      items={[
        [t('fact.image'), imageUrl && <ReferenceText text={imageUrl} thing={t('ui:imageUrl')} />],
        [t('fact.revision'), revision && <code>{revision}</code>],
        [t('fact.moved'), moved],
        [
          t('fact.asked'),
          <span key="asked">{`${requestedBy} · ${t(`ui:reason.${reason}`)}${noCache ? ` · ${t('fact.noCache')}` : ''}`}</span>,
        ],
        [t('fact.created'), <RelativeTime key="time" at={createdAt} withExact />],
        [t('fact.started'), startedAt && <RelativeTime at={startedAt} withExact />],
        [t('fact.ended'), endedAt && <RelativeTime at={endedAt} withExact />],
        [t('fact.duration'), startedAt && <Duration job={job} />],
        [t('fact.attempt'), attempt > 1 && format.number(attempt)],
        [
          t('fact.limits'),
          limits &&
            t('fact.limitsText', {
              time: format.duration(limits.timeoutMinutes * 60),
              disk: format.bytes(limits.diskMiB * 1024 * 1024),
            }),
        ],
      ]}
    />
  );
}
