import { CheckOutlined, CloseOutlined, LoadingOutlined, MinusOutlined } from '@ant-design/icons';
import { useTranslation } from 'react-i18next';
import { hasEnded, type Job } from '../../data/jobs.ts';
import { useTell } from '../../i18n/told.ts';
import { useStepName } from '../../ui/job-status.tsx';
import { useElapsed } from '../../ui/use-elapsed.ts';
import { useFormat } from '../../ui/use-format.ts';

const usualSteps = ['base', 'lock', 'assemble', 'push'];

type StepState = 'waiting' | 'running' | 'done' | 'failed';

/** The steps of a job in their order, with how long each took, and what takes its time right now. */
export function JobSteps({ job }: { readonly job: Job }) {
  const { t } = useTranslation('jobs');
  const tell = useTell();
  const names = [...new Set([...job.steps.map(({ step }) => step), ...usualSteps])];
  const work = workOf(job);
  const told = work === undefined ? undefined : tell(work);
  return (
    <>
      <ol className="steps" aria-label={t('steps')}>
        {names.map((name) => (
          <Step key={name} name={name} job={job} />
        ))}
      </ol>
      {told !== undefined && (
        <p className="muted" role="status" lang={told.lang}>
          {told.text}
        </p>
      )}
    </>
  );
}

/** Once layers are made, a measure tells how far it is, as it does before where there is one; a step that has told nothing yet has its own name for a message. */
function workOf({ state, progress }: Job): string | undefined {
  const isTold = state === 'Preparing' && progress !== null && progress.total === 0;
  return isTold && progress.message !== progress.step ? progress.message : undefined;
}

const icons = {
  waiting: <MinusOutlined />,
  running: <LoadingOutlined />,
  done: <CheckOutlined />,
  failed: <CloseOutlined />,
} as const;

function Step({ name, job }: { readonly name: string; readonly job: Job }) {
  const { t } = useTranslation('jobs');
  const stepName = useStepName();
  const format = useFormat();
  const step = job.steps.find((each) => each.step === name);
  const state = stateOf(job, step);
  const elapsed = useElapsed({ startedAt: step?.startedAt ?? null, endedAt: state === 'running' ? null : '' });
  const seconds = step?.seconds ?? (state === 'running' ? elapsed : undefined);
  const { progress } = job;
  const isMeasured = state === 'running' && progress?.step === name && progress.total > 0;
  return (
    <li data-state={state} aria-current={state === 'running' ? 'step' : undefined}>
      <span className="step-icon" aria-hidden="true">
        {icons[state]}
      </span>
      <span>
        {stepName(name)} <span className="visually-hidden">{t(`stepState.${state}`)}</span>
      </span>
      <span className="muted numbers">{seconds === undefined ? ' ' : format.duration(seconds)}</span>
      {isMeasured && <progress value={progress.done} max={progress.total} aria-label={stepName(name)} />}
    </li>
  );
}

function stateOf({ state }: Job, step: Job['steps'][number] | undefined): StepState {
  if (step === undefined) return 'waiting';
  if (step.seconds !== undefined) return 'done';
  return hasEnded(state) ? 'failed' : 'running';
}
