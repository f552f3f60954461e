import { type ThemeConfig, theme } from 'antd';

const shared = {
  fontFamily:
    'Inter, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans CJK TC", "PingFang TC", "Microsoft JhengHei", sans-serif',
  fontFamilyCode:
    'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", "Noto Sans Mono CJK TC", monospace',
  borderRadius: 6,
  wireframe: false,
};

/** The same colours as in styles.css, for the components. */
export function themeOf(isDark: boolean, hasMotion: boolean): ThemeConfig {
  const link = isDark ? '#8db0ff' : '#2350c0';
  return {
    algorithm: isDark ? theme.darkAlgorithm : theme.defaultAlgorithm,
    token: {
      ...shared,
      motion: hasMotion,
      colorPrimary: isDark ? '#4f7df0' : '#2a5bd7',
      colorPrimaryHover: isDark ? '#3f63c8' : '#2350c0',
      colorInfo: isDark ? '#4f7df0' : '#2a5bd7',
      colorLink: link,
      colorSuccess: isDark ? '#4cc38a' : '#18794e',
      colorError: isDark ? '#ff7b72' : '#c62a2f',
      colorWarning: isDark ? '#e3b341' : '#9a6700',
      colorWarningBg: isDark ? '#2b2411' : '#fff8e6',
      colorWarningBorder: isDark ? '#5c4a17' : '#ecd28b',
      colorBgLayout: isDark ? '#0f1216' : '#f5f6f8',
      colorBgContainer: isDark ? '#171b21' : '#ffffff',
      colorBgElevated: isDark ? '#1e242c' : '#ffffff',
      colorBorder: isDark ? '#3a424d' : '#cfd4da',
      colorBorderSecondary: isDark ? '#2a3038' : '#e4e7eb',
      colorTextBase: isDark ? '#e6e9ee' : '#1a1f26',
      colorTextDescription: isDark ? '#a3adba' : '#58626f',
      colorTextPlaceholder: isDark ? '#8b95a2' : '#6b7480',
    },
    components: {
      Table: { headerBg: isDark ? '#1b2027' : '#f8f9fb', cellPaddingBlockMD: 9, cellPaddingInlineMD: 12 },
      Tabs: { itemSelectedColor: link, itemHoverColor: link, itemActiveColor: link, horizontalMargin: '0 0 12px 0' },
      Button: { primaryShadow: 'none', defaultShadow: 'none', dangerShadow: 'none' },
    },
  };
}
