import { type ReactNode, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';

interface PageTitleProps {
  /** Also the title of the browser's tab. */
  readonly title: string;
  /** In place of the title on the page. */
  readonly children?: ReactNode;
  readonly subtitle?: ReactNode;
  readonly actions?: ReactNode;
}

/** The heading of a view. Whoever came here by a link that is gone from the page begins at it. */
export function PageTitle({ title, children, subtitle, actions }: PageTitleProps) {
  const { t } = useTranslation('app');
  const heading = useRef<HTMLHeadingElement>(null);
  const name = t('name');
  useEffect(() => {
    document.title = `${title} · ${name}`;
  }, [title, name]);
  useEffect(() => {
    if (document.activeElement === document.body && history.state?.idx > 0) heading.current?.focus();
  }, []);
  return (
    <header className="page-title">
      <div className="page-title-text">
        <h1 ref={heading} tabIndex={-1}>
          {children ?? title}
        </h1>
        {subtitle !== undefined && <div className="muted">{subtitle}</div>}
      </div>
      {actions !== undefined && <div className="page-title-actions">{actions}</div>}
    </header>
  );
}
