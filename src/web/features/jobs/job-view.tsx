import { StopOutlined } from '@ant-design/icons';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { useImage } from '../../data/images.ts';
import { hasEnded, type Job, useCancelJob, useJob } from '../../data/jobs.ts';
import { useMayManage } from '../../data/me.ts';
import { useRebuild } from '../../data/use-rebuild.ts';
import { Answered } from '../../ui/answered.tsx';
import { ConfirmButton } from '../../ui/confirm-button.tsx';
import { FailurePanel } from '../../ui/failure-panel.tsx';
import { JobStatus } from '../../ui/job-status.tsx';
import { PageTitle } from '../../ui/page-title.tsx';
import { RebuildButton } from '../../ui/rebuild-button.tsx';
import { JobFacts } from './job-facts.tsx';
import { JobInputs } from './job-inputs.tsx';
import { JobLog } from './job-log.tsx';
import { JobSteps } from './job-steps.tsx';

/** One attempt to build an image: what became of it, why, step by step, and its log. */
export function Component() {
  const { id = '' } = useParams();
  const job = useJob(id);
  return <Answered query={job}>{(found) => <JobPage key={found.id} job={found} />}</Answered>;
}

function JobPage({ job }: { readonly job: Job }) {
  const { t } = useTranslation('jobs');
  const { id, image, number, state, progress, failure } = job;
  return (
    <>
      <PageTitle
        title={`${image} #${number}`}
        subtitle={<JobStatus state={state} progress={progress} />}
        actions={<JobActions job={job} />}
      >
        <Link to={`/images/${image}`} className="quiet-link">
          {image}
        </Link>{' '}
        <span className="muted">{t('number', { number })}</span>
      </PageTitle>
      <div className="stack">
        {failure !== null && <Failure job={job} failure={failure} />}
        <section className="panel">
          <JobSteps job={job} />
          <JobFacts job={job} />
        </section>
        <JobLog id={id} isEnded={hasEnded(state)} />
        <JobInputs job={job} />
      </div>
    </>
  );
}

/** Why it did not succeed, and the way to mend it. */
function Failure({
  job: { image: name },
  failure,
}: {
  readonly job: Job;
  readonly failure: NonNullable<Job['failure']>;
}) {
  const { t } = useTranslation('jobs');
  const image = useImage(name).data;
  const mayManage = useMayManage(image?.ownerGroup ?? null);
  const isOfSpec = failure.problems.length > 0;
  return (
    <FailurePanel
      failure={failure}
      action={image !== undefined && mayManage && isOfSpec && <Link to={`/images/${name}/edit`}>{t('mend')}</Link>}
    />
  );
}

function JobActions({ job: { id, image: name, number, state } }: { readonly job: Job }) {
  const { t } = useTranslation('jobs');
  // The image may be deleted; its jobs stay readable.
  const image = useImage(name).data;
  const mayManage = useMayManage(image?.ownerGroup ?? null);
  const { mutateAsync } = useCancelJob();
  const rebuild = useRebuild(name);
  if (image === undefined || !mayManage) return null;
  if (hasEnded(state)) return <RebuildButton onRebuild={rebuild} />;
  return (
    <ConfirmButton
      button={{ danger: true, icon: <StopOutlined /> }}
      title={t('cancel.title', { image: name, number })}
      text={t('cancel.text')}
      confirmText={t('cancel.confirm')}
      onConfirm={() => mutateAsync({ params: { id } })}
    >
      {t('cancel.confirm')}
    </ConfirmButton>
  );
}
