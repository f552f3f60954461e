import { Tooltip } from 'antd';
import type { ReactNode } from 'react';
import { Link } from 'react-router';

interface IconLinkProps {
  readonly to: string;
  /** Says where it leads, to those who see it and those who do not. */
  readonly label: string;
  readonly icon: ReactNode;
}

export function IconLink({ to, label, icon }: IconLinkProps) {
  return (
    <Tooltip title={label}>
      <Link to={to} aria-label={label} className="icon-link">
        {icon}
      </Link>
    </Tooltip>
  );
}
