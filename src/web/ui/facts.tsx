import type { ReactNode } from 'react';

interface FactsProps {
  /** Name and value; what has no value is left out. */
  readonly items: readonly (readonly [name: string, value: ReactNode])[];
}

/** What is known of one thing, name by name. */
export function Facts({ items }: FactsProps) {
  return (
    <dl className="facts">
      {items
        .filter(([, value]) => value !== undefined && value !== null && value !== '' && value !== false)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
