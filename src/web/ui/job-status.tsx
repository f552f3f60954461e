import { useTranslation } from 'react-i18next';
import { StatusTag } from './status-tag.tsx';

interface Progress {
  readonly step: string;
  readonly message: string;
  readonly done: number;
  readonly total: number;
}

interface JobStatusProps {
  readonly state: 'Pending' | 'Preparing' | 'Running' | 'Succeeded' | 'Failed' | 'Cancelled';
  readonly progress: Progress | null;
}

/** The state of a job with the step that it is at, and how far: `Running · Layers 3/17`. */
export function JobStatus({ state, progress }: JobStatusProps) {
  const stepName = useStepName();
  const isBusy = state === 'Preparing' || state === 'Running';
  return <StatusTag state={state} detail={isBusy && progress !== null ? detailOf(progress, stepName) : undefined} />;
}

function detailOf({ step, done, total }: Progress, stepName: (step: string) => string): string {
  return total > 0 ? `${stepName(step)} ${done}/${total}` : stepName(step);
}

/** Names a step of a build; one that this page does not know yet keeps the server's name. */
export function useStepName(): (step: string) => string {
  const { t } = useTranslation('ui');
  const names: Readonly<Record<string, string>> = {
    base: t('step.base'),
    lock: t('step.lock'),
    assemble: t('step.assemble'),
    push: t('step.push'),
  };
  return (step) => names[step] ?? step;
}
