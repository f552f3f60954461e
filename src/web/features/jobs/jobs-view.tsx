import { Checkbox } from 'antd';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { jobStateSchema } from '../../../api/jobs.ts';
import { useJobs } from '../../data/jobs.ts';
import { Answered } from '../../ui/answered.tsx';
import { Choice } from '../../ui/choice.tsx';
import { JobTable } from '../../ui/job-table.tsx';
import { pageParameter } from '../../ui/page-parameter.ts';
import { PageTitle } from '../../ui/page-title.tsx';
import { PageTurner } from '../../ui/page-turner.tsx';

/** The jobs of all images that one may see, the newest first. */
export function Component() {
  const { t } = useTranslation(['jobs', 'ui']);
  const [params, setParams] = useSearchParams();
  const state = jobStateSchema.safeParse(params.get('state')).data;
  const mine = params.get('mine') === 'true' ? 'true' : undefined;
  const jobs = useJobs({ page: pageParameter(params), state, mine });
  const set = (changed: Record<string, string | undefined>) => {
    const all = { state, mine, ...changed };
    setParams(Object.fromEntries(Object.entries(all).filter(([, value]) => value)) as Record<string, string>);
  };
  return (
    <>
      <PageTitle title={t('title')} />
      <div className="toolbar">
        <Choice
          label={t('ui:job.status')}
          none={t('anyStatus')}
          value={state ?? ''}
          options={jobStateSchema.options.map((value) => ({ value, text: t(`ui:state.${value}`) }))}
          onChange={(value) => set({ state: value })}
        />
        <Checkbox
          checked={mine !== undefined}
          onChange={({ target }) => set({ mine: target.checked ? 'true' : undefined })}
        >
          {t('mine')}
        </Checkbox>
      </div>
      <Answered query={jobs} rows={10}>
        {({ items, total, page, pageSize }) => (
          <>
            <JobTable label={t('title')} jobs={items} isStale={jobs.isPlaceholderData} withImage />
            <PageTurner {...{ page, pageSize, total }} onTurn={(next) => set({ page: String(next) })} />
          </>
        )}
      </Answered>
    </>
  );
}
