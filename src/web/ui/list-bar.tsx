import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { SearchField } from './search-field.tsx';

interface ListBarProps {
  readonly q: string;
  readonly onSearch: (q: string) => void;
  /** Buttons at the other end. */
  readonly children?: ReactNode;
}

/** Stands above a list: what it is searched by, and what adds to it. */
export function ListBar({ q, onSearch, children }: ListBarProps) {
  const { t } = useTranslation('ui');
  return (
    <div className="toolbar">
      <SearchField label={t('searchByName')} value={q} onSearch={onSearch} />
      <span className="toolbar-gap" />
      {children}
    </div>
  );
}
