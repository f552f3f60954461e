import { CloseCircleFilled } from '@ant-design/icons';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { type ErrorCode, errorTable } from '../../errors.ts';
import { useStepName } from './job-status.tsx';
import { ProblemList, type ShownProblem } from './problem-alert.tsx';
import { Said } from './said.tsx';

interface FailurePanelProps {
  readonly failure: {
    readonly step?: string | undefined;
    readonly code: string;
    readonly message: string;
    readonly hint?: string | undefined;
    readonly problems: readonly ShownProblem[];
  };
  readonly action?: ReactNode;
}

/** Why a job did not succeed: in which step, the cause, every line of the spec that is to blame, and what to do. */
export function FailurePanel({ failure: { step, code, message, hint, problems }, action }: FailurePanelProps) {
  const { t } = useTranslation(['ui', 'errors']);
  const stepName = useStepName();
  const heading = code in errorTable ? t(`errors:${code as ErrorCode}`) : t('failure.title');
  return (
    <section className="failure" aria-label={t('failure.title')}>
      <h2>
        <CloseCircleFilled aria-hidden="true" /> {heading}
        {step !== undefined && <span className="failure-step">{t('failure.step', { step: stepName(step) })}</span>}
      </h2>
      <p>
        <Said text={message} />
      </p>
      <ProblemList problems={problems} />
      {hint !== undefined && (
        <p>
          <Said text={hint} />
        </p>
      )}
      {action}
    </section>
  );
}
