import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { useImageJobs } from '../../data/jobs.ts';
import { Answered } from '../../ui/answered.tsx';
import { JobTable } from '../../ui/job-table.tsx';
import { pageParameter } from '../../ui/page-parameter.ts';
import { PageTurner } from '../../ui/page-turner.tsx';
import { useShownImage } from './image-view.tsx';

/** Every job of an image, the newest first. */
export function Component() {
  const { t } = useTranslation('images');
  const { name } = useShownImage();
  const [params, setParams] = useSearchParams();
  const jobs = useImageJobs(name, pageParameter(params));
  return (
    <Answered query={jobs}>
      {({ items, total, page, pageSize }) => (
        <>
          <JobTable label={t('jobsOf', { name })} jobs={items} isStale={jobs.isPlaceholderData} />
          <PageTurner {...{ page, pageSize, total }} onTurn={(next) => setParams({ page: String(next) })} />
        </>
      )}
    </Answered>
  );
}
