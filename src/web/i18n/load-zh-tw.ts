export { default as locale } from 'antd/es/locale/zh_TW';
export { zhTW as texts } from './zh-TW/index.ts';
