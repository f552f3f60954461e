import { LeftOutlined, RightOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { useFormat } from './use-format.ts';

interface PageTurnerProps {
  /** From 1. */
  readonly page: number;
  readonly pageSize: number;
  readonly total: number;
  readonly onTurn: (page: number) => void;
}

/** Leads through the pages of a list; nothing when there is one. */
export function PageTurner({ page, pageSize, total, onTurn }: PageTurnerProps) {
  const { t } = useTranslation('ui');
  const format = useFormat();
  const last = Math.max(1, Math.ceil(total / pageSize));
  if (last === 1 && page === 1) return null;
  const shown = {
    from: format.number(Math.min(total, (page - 1) * pageSize + 1)),
    to: format.number(Math.min(total, page * pageSize)),
    total: format.number(total),
  };
  return (
    <nav className="page-turner" aria-label={t('turnPages')}>
      <span className="muted numbers">{t('pages', shown)}</span>
      <Button
        icon={<LeftOutlined />}
        aria-label={t('previousPage')}
        disabled={page <= 1}
        onClick={() => onTurn(Math.min(page - 1, last))}
      />
      <Button
        icon={<RightOutlined />}
        aria-label={t('nextPage')}
        disabled={page >= last}
        onClick={() => onTurn(page + 1)}
      />
    </nav>
  );
}
