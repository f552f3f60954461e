export { default as locale } from 'antd/es/locale/en_US';
export { en as texts } from './en/index.ts';
