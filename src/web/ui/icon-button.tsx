import { Button, Tooltip } from 'antd';
import type { ReactNode } from 'react';

interface IconButtonProps {
  /** Says what it does, to those who see it and those who do not. */
  readonly label: string;
  readonly icon: ReactNode;
  /** It does nothing, but keeps the focus of whoever has just used it. */
  readonly isDisabled?: boolean;
  readonly onClick: () => void;
}

export function IconButton({ label, icon, isDisabled = false, onClick }: IconButtonProps) {
  return (
    <Tooltip title={label}>
      <Button
        type="text"
        icon={icon}
        aria-label={label}
        aria-disabled={isDisabled}
        onClick={isDisabled ? undefined : onClick}
      />
    </Tooltip>
  );
}
