import { useEffect, useRef } from 'react';
import { NavLink, useLocation } from 'react-router';

interface TabNavProps {
  readonly label: string;
  readonly tabs: readonly { readonly to: string; readonly text: string; readonly isIndex?: boolean }[];
}

/** Views of one thing, each with an address of its own. Where there is no room for all, the one that is shown is in sight. */
export function TabNav({ label, tabs }: TabNavProps) {
  const element = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  useEffect(() => {
    void pathname;
    element.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [pathname]);
  return (
    <nav ref={element} className="tab-nav" aria-label={label}>
      {tabs.map(({ to, text, isIndex = false }) => (
        <NavLink key={to} to={to} end={isIndex} preventScrollReset>
          {text}
        </NavLink>
      ))}
    </nav>
  );
}
