import { NavLink } from 'react-router';

interface TabNavProps {
  readonly label: string;
  readonly tabs: readonly { readonly to: string; readonly text: string; readonly isIndex?: boolean }[];
}

/** Views of one thing, each with an address of its own. */
export function TabNav({ label, tabs }: TabNavProps) {
  return (
    <nav className="tab-nav" aria-label={label}>
      {tabs.map(({ to, text, isIndex = false }) => (
        <NavLink key={to} to={to} end={isIndex} preventScrollReset>
          {text}
        </NavLink>
      ))}
    </nav>
  );
}
