import { Button, Dropdown } from 'antd';
import type { ReactNode } from 'react';

interface ChoiceMenuProps<K extends string> {
  readonly label: string;
  readonly icon: ReactNode;
  readonly choices: Readonly<Record<K, string>>;
  readonly chosen: K;
  readonly onChoose: (key: K) => void;
}

/** A button with a menu of which one entry is in force. */
export function ChoiceMenu<K extends string>({ label, icon, choices, chosen, onChoose }: ChoiceMenuProps<K>) {
  return (
    <Dropdown
      trigger={['click']}
      menu={{
        items: (Object.entries(choices) as [K, string][]).map(([key, text]) => ({
          key,
          label: <span lang={key}>{text}</span>,
        })),
        selectable: true,
        selectedKeys: [chosen],
        onClick: ({ key }) => onChoose(key as K),
      }}
    >
      <Button type="text" icon={icon} aria-label={label} title={label} aria-haspopup="menu" />
    </Dropdown>
  );
}
