/** By the English, as `say` has it. */
export const apt: Readonly<Record<string, string>> = {
  'Options of apt are not taken from a package list': '套件清單不接受 apt 的選項',
  'Remove the line; packages are named alone.': '請移除這一行；只寫套件名稱即可。',
  'Files and URLs are not installed': '不會安裝檔案或網址',
  'Name the package; it comes from the sources of the base image.': '請寫套件名稱；套件取自基底映像檔的來源。',
  'A release cannot be chosen with "/"': '不能用「/」選擇發行版本',
  'Ask for a version as in "name=1.2-3".': '請指定版本，例如「name=1.2-3」。',
  'Patterns are not expanded': '不會展開萬用字元',
  'A name that ends with "-" means to remove a package': '以「-」結尾的名稱表示移除套件',
  'Packages of the base cannot be removed.': '無法移除基底映像檔的套件。',
  'apt knows no version ranges': 'apt 不支援版本範圍',
  'Leave the version out, or name one exactly as in "name=1.2-3".':
    '請移除版本，或寫出確切的版本，例如「name=1.2-3」。',
  'Names are in lower case: "{0}".': '名稱須為小寫：「{0}」。',
  'Write it as name, name=version or name:architecture.': '請寫成 name、name=version 或 name:architecture。',
  'This does not name a Debian package': '這不是 Debian 套件的名稱',
  'The base image ({0}) has no apt, so apt packages cannot be added to it':
    '基底映像檔（{0}）沒有 apt，因此無法加入 apt 套件',
  'Choose a base image made from Debian or Ubuntu, or remove the apt lines.':
    '請選擇以 Debian 或 Ubuntu 製作的基底映像檔，或移除 apt 的行。',
  'apt packages need a sandbox on the machine that builds, which cannot be opened: {0}':
    'apt 套件需要在建置的機器上使用沙箱，但無法開啟：{0}',
  'Ask its administrator to install what is missing (on Debian: apt-get install buildah), or remove the apt lines.':
    '請管理員安裝缺少的程式（Debian：apt-get install buildah），或移除 apt 的行。',
  'apt in the base answers without end': '基底映像檔的 apt 輸出過多',
  'apt ended well, but {0} {1} is not installed': 'apt 正常結束，但 {0} {1} 並未安裝',
  'The log tells what apt did.': '記錄中有 apt 執行的內容。',
  'apt could not install the packages: {0}': 'apt 無法安裝套件：{0}',
  'The log tells what the scripts of the package wrote before that.': '記錄中有套件指令稿先前輸出的內容。',
  'The package lists of the apt sources cannot be had: {0}': '無法取得 apt 來源的套件清單：{0}',
  'Check the network, and that the sources in /etc/apt of the base and those of the administrator are still served.':
    '請檢查網路，並確認基底映像檔 /etc/apt 中的來源與管理員設定的來源仍可使用。',
  'The sources of the base have no package "{0}"': '基底映像檔的來源沒有套件「{0}」',
  'The sources of the base have no package "{0}" for {1}': '基底映像檔的來源沒有適用於 {1} 的套件「{0}」',
  'The sources of the base have no version {0} of {1}': '基底映像檔的來源沒有 {1} 的版本 {0}',
  'There is {0}.': '可用的有 {0}。',
  'apt cannot install the packages together: {0}': 'apt 無法同時安裝這些套件：{0}',
  'Leave one of them out, or ask for another version.': '請移除其中一個，或要求其他版本。',
  'apt could not say what the lines mean: {0}': 'apt 無法解讀這些行：{0}',
};
