import type { TranslationOf } from '../catalogue.ts';
import type { imageForm as en } from '../en/image-form.ts';

export const imageForm: TranslationOf<typeof en> = {
  newTitle: '新增映像檔',
  editTitle: '編輯 {{name}}',
  toImage: '前往映像檔',
  mayNotMake: '映像檔由管理員與群組管理員建立。',
  mayNotEdit: '此映像檔由管理員與所屬群組的管理員修改。',
  name: '名稱',
  nameHint: '小寫英文字母、數字、「.」與「-」。建立後無法更改。',
  base: '基底映像檔',
  baseHint: '儲存庫中的任何映像檔，例如 docker.io/library/python:3.12。',
  packagesOf: '{{kind}} 套件，一行一個',
  confirm: '確認',
  cancel: '取消',
  complaint: {
    nameMissing: '請為映像檔命名。',
    nameInvalid: '請使用小寫英文字母、數字、「.」與「-」，並以字母或數字開頭與結尾。',
    baseMissing: '請選擇要以哪個映像檔為基底。',
    packagesMissing: '請至少列出一個套件。',
    urlMissing: '請填寫映像檔的位置。',
  },
};
