import {
  CheckCircleFilled,
  ClockCircleOutlined,
  CloseCircleFilled,
  LoadingOutlined,
  StopOutlined,
} from '@ant-design/icons';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

type JobState = 'Pending' | 'Preparing' | 'Running' | 'Succeeded' | 'Failed' | 'Cancelled';

const looks: Readonly<Record<JobState, { readonly icon: ReactNode; readonly tone: string }>> = {
  Pending: { icon: <ClockCircleOutlined />, tone: 'quiet' },
  Preparing: { icon: <LoadingOutlined />, tone: 'busy' },
  Running: { icon: <LoadingOutlined />, tone: 'busy' },
  Succeeded: { icon: <CheckCircleFilled />, tone: 'good' },
  Failed: { icon: <CloseCircleFilled />, tone: 'bad' },
  Cancelled: { icon: <StopOutlined />, tone: 'quiet' },
};

/** The state of a job by icon, word and colour; `detail` says what it is at: `layers 3/17`. */
export function StatusTag({ state, detail }: { readonly state: JobState; readonly detail?: string | undefined }) {
  const { t } = useTranslation('ui');
  const { icon, tone } = looks[state];
  return (
    <span className={`status ${tone}`} data-state={state}>
      <span aria-hidden="true">{icon}</span> {t(`state.${state}`)}
      {detail !== undefined && <span className="status-detail">{detail}</span>}
    </span>
  );
}
