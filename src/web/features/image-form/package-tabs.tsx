import { Tabs } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FormField } from '../../ui/form-field.tsx';
import type { ShownProblem } from '../../ui/problem-alert.tsx';
import { countPackages, type PackageKind, type PackageTexts, packageKinds } from './draft.ts';
import { problemsAt } from './form-problems.ts';

interface PackageTabsProps {
  readonly packages: PackageTexts;
  readonly problems: readonly ShownProblem[];
  readonly complaint?: string | undefined;
  readonly onChange: (packages: PackageTexts) => void;
}

/** The three lists of packages, each in a tab of its own that says how much is in it. */
export function PackageTabs({ packages, problems, complaint, onChange }: PackageTabsProps) {
  const { t } = useTranslation(['imageForm', 'ui']);
  const [shown, setShown] = useState<PackageKind>('pip');
  return (
    <Tabs
      activeKey={shown}
      onChange={(kind) => setShown(kind as PackageKind)}
      items={packageKinds.map((kind) => ({
        key: kind,
        label: `${t(`ui:packages.${kind}`)} ${countPackages(packages[kind])}`,
        children: (
          <FormField
            label={t('packagesOf', { kind: t(`ui:packages.${kind}`) })}
            complaint={complaint}
            problems={problemsAt(`spec.packages.${kind}`, problems)}
          >
            {({ id, describedBy, isInvalid }) => (
              <textarea
                {...{ id }}
                aria-describedby={describedBy}
                aria-invalid={isInvalid}
                rows={10}
                value={packages[kind]}
                onChange={(event) => onChange({ ...packages, [kind]: event.target.value })}
              />
            )}
          </FormField>
        ),
      }))}
    />
  );
}
