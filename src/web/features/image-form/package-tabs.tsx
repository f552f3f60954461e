import { FolderOpenOutlined } from '@ant-design/icons';
import { Alert, Button, Tabs } from 'antd';
import { type DragEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ShownProblem } from '../../ui/problem-alert.tsx';
import { Said } from '../../ui/said.tsx';
import { countPackages, type PackageKind, type PackageTexts, packageKinds } from './draft.ts';
import type { PackageCompletions } from './line-editor.tsx';
import { PackageField } from './package-field.tsx';
import { TakenNotice } from './taken-notice.tsx';
import { useTakenLines } from './use-taken-lines.ts';

interface PackageTabsProps {
  readonly packages: PackageTexts;
  /** Of a field: `spec.packages.pip`. */
  readonly problemsAt: (field: string) => readonly ShownProblem[];
  readonly completions: (kind: PackageKind) => PackageCompletions;
  readonly complaint: string | undefined;
  /** Counts how often the form was not sent: what is wrong is shown then. */
  readonly refusals: number;
  readonly onChange: (change: (before: PackageTexts) => PackageTexts) => void;
}

/** The three lists of packages, each in a tab of its own that says how much is in it. */
export function PackageTabs(props: PackageTabsProps) {
  const { packages, problemsAt, completions, complaint, refusals, onChange } = props;
  const { t } = useTranslation(['imageForm', 'ui']);
  const [shown, setShown] = useState(() => packageKinds.find((kind) => countPackages(packages[kind]) > 0) ?? 'pip');
  const { taken, dismiss, takeText, takeFiles } = useTakenLines({ shown, onChange });
  const chooser = useRef<HTMLInputElement>(null);
  const problemsOf = (kind: PackageKind) => problemsAt(`spec.packages.${kind}`);
  useEffect(() => {
    const wrong = packageKinds.filter((kind) => problemsOf(kind).length > 0);
    if (refusals > 0 && wrong.length > 0 && !wrong.includes(shown)) setShown(wrong[0]!);
  }, [refusals]);
  const [isOver, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    setOver(false);
    if (event.dataTransfer.files.length === 0) return;
    event.preventDefault();
    void takeFiles([...event.dataTransfer.files]);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: by keyboard, files are chosen with the button.
    <div
      className="panel stack tight drop-place"
      data-over={isOver || undefined}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes('Files')) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <div className="toolbar">
        <h2>{t('packages')}</h2>
        <span className="toolbar-gap" />
        <Button icon={<FolderOpenOutlined />} onClick={() => chooser.current?.click()}>
          {t('openFile')}
        </Button>
        <input
          ref={chooser}
          type="file"
          hidden
          multiple
          accept=".txt,.in,.yml,.yaml,text/plain"
          onChange={({ target }) => {
            void takeFiles([...(target.files ?? [])]);
            target.value = '';
          }}
        />
      </div>
      {taken !== undefined && <TakenNotice taken={taken} onDismiss={dismiss} />}
      <Tabs
        activeKey={shown}
        onChange={(kind) => setShown(kind as PackageKind)}
        items={packageKinds.map((kind) => ({
          key: kind,
          label: <TabLabel kind={kind} lines={countPackages(packages[kind])} problems={problemsOf(kind).length} />,
          children: (
            <PackageField
              completions={completions(kind)}
              text={packages[kind]}
              complaint={kind === shown ? complaint : undefined}
              problems={problemsOf(kind)}
              onChange={(text) => onChange((before) => ({ ...before, [kind]: text }))}
              onPaste={takeText}
            />
          ),
        }))}
      />
      {problemsAt('spec.packages').map(({ message, hint }) => (
        <Alert
          key={message}
          type="error"
          showIcon
          title={<Said text={message} />}
          description={hint && <Said text={hint} />}
        />
      ))}
    </div>
  );
}

interface TabLabelProps {
  readonly kind: PackageKind;
  readonly lines: number;
  readonly problems: number;
}

function TabLabel({ kind, lines, problems }: TabLabelProps) {
  const { t } = useTranslation(['imageForm', 'ui']);
  return (
    <>
      {t(`ui:packages.${kind}`)}{' '}
      <span className="count" aria-hidden="true">
        {lines}
      </span>
      <span className="visually-hidden">{t('lines', { count: lines })}</span>
      {problems > 0 && <span className="bad"> {t('problems', { count: problems })}</span>}
    </>
  );
}
