import type { ReactNode } from 'react';

interface EmptyStateProps {
  readonly title: string;
  /** What this place is for, and how to begin. */
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}

/** Stands where there is nothing yet, and says how to begin. */
export function EmptyState({ title, children, action }: EmptyStateProps) {
  return (
    <section className="empty-state">
      <h2>{title}</h2>
      {children !== undefined && <div className="muted">{children}</div>}
      {action}
    </section>
  );
}
