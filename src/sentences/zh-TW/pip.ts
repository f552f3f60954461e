/** By the English, as `say` has it. */
export const pip: Readonly<Record<string, string>> = {
  'The Python of the base is managed by its operating system (PEP 668); packages go to {0}.':
    '基底映像檔的 Python 由作業系統管理（PEP 668）；套件會安裝到 {0}。',
  'The base does not tell its exact Python; the packages are chosen for {0}.0.':
    '基底映像檔沒有提供確切的 Python 版本；套件依 {0}.0 選擇。',
  'The pip packages {0} and {1} bring the same files; those of {2} are kept, as pip would have it: {3}. Leave one of the two out, should that not be meant.':
    'pip 套件 {0} 與 {1} 帶有相同的檔案；與 pip 的作法相同，保留 {2} 的檔案：{3}。若這不是您要的，請移除其中一個。',
  'The pip package {0} brings files that the conda package {1} brings, too; those of pip are kept: {2}. Leave one of the two out, should that not be meant.':
    'pip 套件 {0} 帶有 conda 套件 {1} 也帶有的檔案；保留 pip 的檔案：{2}。若這不是您要的，請移除其中一個。',
  'The pip package {0} takes the place of files that the base has: {1}.':
    'pip 套件 {0} 取代了基底映像檔中的檔案：{1}。',
  'The pip package {0} takes the place of files that {1} has put into the base: {2}.':
    'pip 套件 {0} 取代了 {1} 放進基底映像檔的檔案：{2}。',
  "{0} {1} belongs to the base's operating system and stays; {2} takes precedence over it.":
    '{0} {1} 屬於基底映像檔的作業系統，會保留；{2} 優先於它。',
  '{0} {1} was put into the base by conda; {2} of pip takes its place, and conda goes on to list the old one.':
    '{0} {1} 是 conda 安裝在基底映像檔中的；將由 pip 的 {2} 取代，但 conda 仍會列出舊的版本。',
  '{0} {1} comes with the conda packages; {2} of pip takes its place, and conda goes on to list the old one. Ask for {3} on one of the two lists only, should that not be meant.':
    '{0} {1} 由 conda 套件帶來；將由 pip 的 {2} 取代，但 conda 仍會列出舊的版本。若這並非本意，請只在其中一個清單要求 {3}。',
  '{0} {1} of the conda packages requires {2}, but {3} will be installed.':
    'conda 套件的 {0} {1} 需要 {2}，但將安裝 {3}。',
  '{0} {1} of the base requires {2}, but {3} will be installed.': '基底映像檔的 {0} {1} 需要 {2}，但將安裝 {3}。',
  'Bytecode is compiled in a sandbox that cannot be opened: {0}': '編譯位元組碼需要沙箱，但無法開啟：{0}',
  'its Python ended with {0}': '它的 Python 以 {0} 結束',
  'its Python ended without a result': '它的 Python 結束時沒有結果',
  'The bytecode of the pip packages cannot be compiled: {0}': '無法編譯 pip 套件的位元組碼：{0}',
  'Build without compileBytecode; Python then compiles modules when they are first imported.':
    '請不要使用 compileBytecode；Python 會在首次匯入模組時編譯。',
  'The list of projects of {0} is larger than {1} bytes': '{0} 的專案清單超過 {1} 位元組',
  '{0} {1} has no wheel for Python {2} with {3} {4} on {5}': '{0} {1} 沒有適用於 Python {2}、{3} {4}、{5} 的 wheel',
  'Try another version, or a newer base image.': '請試試其他版本，或較新的基底映像檔。',
  '{0} {1} would take the place of {2} of the conda packages, whose files are not listed (no RECORD), so it cannot be removed cleanly':
    '{0} {1} 會取代 conda 套件的 {2}，但後者沒有檔案清單（RECORD），無法完整移除',
  'Ask for {0} on one of the two lists only, or for the same version on both.':
    '請只在其中一個清單要求 {0}，或在兩邊要求相同的版本。',
  '{0} {1} would take the place of {2} in the base, whose files are not listed (no RECORD), so it cannot be removed cleanly':
    '{0} {1} 會取代基底映像檔的 {2}，但後者沒有檔案清單（RECORD），無法完整移除',
  'Allow {0} {1}, or choose a base image without it.': '請允許 {0} {1}，或選擇沒有它的基底映像檔。',
  '{0} answers {1} for a file that it lists': '{0} 對它所列的檔案回應 {1}',
  'A file has more than {0} bytes': '有檔案超過 {0} 位元組',
  'A file of {0} is not the one that its hash names': '{0} 的一個檔案與其雜湊值不符',
  'the marker has too many parentheses within each other': '標記的括號巢狀過深',
  'a ")" is missing in the marker': '標記缺少「)」',
  'the marker compares two texts': '標記比較的是兩段文字',
  'a marker variable or a quoted text is expected': '此處應為標記變數或加引號的文字',
  '"{0}" is not a marker variable; texts need quotes': '「{0}」不是標記變數；文字需要加引號',
  'a comparison (==, !=, <, <=, >, >=, ~=, ===, in, not in) is expected in the marker':
    '標記中此處應為比較運算（==、!=、<、<=、>、>=、~=、===、in、not in）',
  'Source could be built, were there a sandbox on the machine that builds, which cannot be opened: {0}.':
    '建置的機器若有沙箱就能從原始碼建置，但無法開啟沙箱：{0}。',
  'Leave compileBytecode out, or ask its administrator to install what is missing.':
    '請不要使用 compileBytecode，或請管理員安裝缺少的程式。',
  'Bytecode is compiled in a sandbox on the machine that builds, which cannot be opened: {0}':
    '編譯位元組碼需要在建置的機器上使用沙箱，但無法開啟：{0}',
  'The Python of the base is free-threaded, for which packages cannot be solved yet':
    '基底映像檔的 Python 是 free-threaded 版本，目前無法為它求解套件',
  'Choose a base image with the usual build of Python.': '請選擇使用一般 Python 的基底映像檔。',
  'There are no wheels for {0} {1} on {2}': '沒有適用於 {2} 上 {0} {1} 的 wheel',
  'Choose a base image for amd64 or arm64 with glibc 2.17 or later, or with musl.':
    '請選擇 amd64 或 arm64、使用 glibc 2.17 以上或 musl 的基底映像檔。',
  'Line {0} asks for nothing here, its marker does not hold: {1}':
    '第 {0} 行在此不會安裝任何東西，因為它的標記不成立：{1}',
  '{0} is source, for which there is no sandbox here': '{0} 是原始碼，但此處沒有沙箱',
  'The lock holds pip packages but no Python': '鎖定檔有 pip 套件，卻沒有 Python',
  'Bytecode cannot be compiled: there is no sandbox here': '無法編譯位元組碼：此處沒有沙箱',
  'No conda package brings {0}, which the lock says is replaced': '沒有任何 conda 套件帶來鎖定檔所說要取代的 {0}',
  'The base has no {0}, which the lock says is replaced': '基底映像檔沒有鎖定檔所說要取代的 {0}',
  'The lock was made for another base. Lock the spec again.': '鎖定檔是為另一個基底映像檔製作的。請重新鎖定規格。',
  '{0} says that its answer is JSON, which it is not': '{0} 聲稱回應是 JSON，但實際不是',
  'RECORD has no hash for it': 'RECORD 沒有它的雜湊值',
  'RECORD has a hash of the kind "{0}", which proves nothing': 'RECORD 的雜湊值是「{0}」類型，無法證明任何事',
  'it has {0} bytes, and RECORD says {1}': '它有 {0} 位元組，但 RECORD 寫的是 {1}',
  'its content is not what RECORD says': '它的內容與 RECORD 不符',
  'the line {0} is malformed': '第 {0} 行格式錯誤',
  'This is a command, not a package': '這是指令，不是套件',
  'Put the names into the conda list, one a line.': '請把名稱放到 conda 清單，一行一個。',
  'Packages from version control are not built: what a branch holds is another thing each day':
    '不會建置版本控制中的套件：分支的內容隨時會變',
  'Name a released version, or build a wheel and name it as "name @ https://…/name-1.0-py3-none-any.whl".':
    '請寫已發行的版本，或先建置 wheel 再寫成「name @ https://…/name-1.0-py3-none-any.whl」。',
  'A path names a file on some machine, which the build cannot see': '路徑指的是某台機器上的檔案，建置時看不到',
  'Put the wheel where it can be fetched and write "name @ https://…/name-1.0-py3-none-any.whl".':
    '請把 wheel 放到可下載的地方，並寫成「name @ https://…/name-1.0-py3-none-any.whl」。',
  'Write the names only, one a line.': '請只寫名稱，一行一個。',
  'Write the names only, one a line: {0}': '請只寫名稱，一行一個：{0}',
  'Paste the lines of that file here.': '請把那個檔案的內容貼在這裡。',
  'Write the constraints into the lines, as in numpy<2.': '請把限制寫進各行，例如 numpy<2。',
  'Name a released version of the package.': '請寫套件已發行的版本。',
  'Leave it out: the lock holds the hash of every file.': '請移除：鎖定檔會保存每個檔案的雜湊值。',
  'Name a pre-release in the line, as in numpy>=3.0.0rc1.': '請在行中寫出預先發行版本，例如 numpy>=3.0.0rc1。',
  '{0} is an option of pip, not a package': '{0} 是 pip 的選項，不是套件',
  'Leave it out: package indexes are set up for all images, with UV_INDEX_URL or by the administrator.':
    '請移除：套件索引以 UV_INDEX_URL 或由管理員為所有映像檔設定。',
  'Leave it out.': '請移除。',
  'Write "{0} @ {1}".': '請寫成「{0} @ {1}」。',
  'A URL alone does not say which package it is': '只有網址無法得知是哪個套件',
  'There is more than one package on the line': '這一行有一個以上的套件',
  'Write one a line: {0}': '請一行寫一個：{0}',
  'Write {0}=={1}, or put the line into the conda list.': '請寫成 {0}=={1}，或把這一行放到 conda 清單。',
  'A single "=" is how conda writes versions; pip takes "=="': '單一個「=」是 conda 的版本寫法；pip 用「==」',
  'Names have letters, digits, "-", "_" and "." and begin and end with a letter or a digit.':
    '名稱只能有字母、數字、「-」、「_」與「.」，且以字母或數字開頭與結尾。',
  '{0} cannot be the name of a package': '{0} 不能作為套件名稱',
  'At column {0}: {1}': '第 {0} 欄：{1}',
  'Write it as in {0}>=1.0 or {1}[extra]==1.2 (PEP 508).': '請寫成 {0}>=1.0 或 {1}[extra]==1.2（PEP 508）。',
  'Python itself is not a pip package': 'Python 本身不是 pip 套件',
  'Choose a base image with the Python you want.': '請選擇含有所需 Python 的基底映像檔。',
  'What stands after "@" is not a URL': '「@」之後不是網址',
  'The URL holds a user name or password, which everybody who sees the spec could read':
    '網址含有使用者名稱或密碼，看得到規格的人都能讀到',
  'Take it out, and give the credentials where package indexes are set up.':
    '請移除，並把帳號密碼放在套件索引的設定中。',
  'Packages are fetched over https, not {0}': '套件只能透過 https 取得，不能用 {0}',
  'The URL names neither a wheel (.whl) nor a source archive (.tar.gz, .zip)':
    '網址指的既不是 wheel（.whl）也不是原始碼封存檔（.tar.gz、.zip）',
  'Name the file of a release, and not its page.': '請寫發行檔案的網址，而不是它的網頁。',
  '"{0}" is not the file name of a wheel': '「{0}」不是 wheel 的檔名',
  'The URL names a wheel of {0}, not of {1}': '網址指的是 {0} 的 wheel，而不是 {1} 的',
  'Write {0} before the "@".': '「@」之前請寫 {0}。',
  'Line {0} names another URL for {1}': '第 {0} 行為 {1} 指定了另一個網址',
  'Remove one of the two lines.': '請移除其中一行。',
  'the requirement is too long': '需求太長',
  'a package name starts with a letter or a digit': '套件名稱須以字母或數字開頭',
  '"and", "or" or the end of the line is expected after the marker': '標記之後應為「and」、「or」或行尾',
  'only " ; marker" may follow a URL': '網址之後只能有「 ; 標記」',
  'a "," and another version, ";" and a marker, or the end of the line is expected':
    '此處應為「,」與另一個版本、「;」與標記，或行尾',
  'a version (==, >=, <, ~=, …), ";" and a marker, or the end of the line is expected after the name':
    '名稱之後應為版本（==、>=、<、~=、…）、「;」與標記，或行尾',
  'the name of an extra is expected': '此處應為 extra 的名稱',
  '"," or "]" is expected after the name of an extra': 'extra 名稱之後應為「,」或「]」',
  'a URL is expected after "@"': '「@」之後應為網址',
  'a version is expected in the parentheses': '括號中應為版本',
  'a ")" is missing after the versions': '版本之後缺少「)」',
  'a version is expected after {0}': '{0} 之後應為版本',
  'the entry point "{0} = {1}" is malformed': '進入點「{0} = {1}」格式錯誤',
  'the entry point "{0} = {1}" names no function': '進入點「{0} = {1}」沒有指定函式',
  '"{0}" cannot be a script\'s name': '「{0}」不能作為指令稿名稱',
  'its script "{0}" would replace the interpreter': '它的指令稿「{0}」會取代直譯器',
  'It is too old for this Python or for current build tools: take a newer version.':
    '它對這個 Python 或目前的建置工具來說太舊：請用較新的版本。',
  'a header that this Python no longer has': '此 Python 已不再提供的標頭檔',
  'the compiler {0}': '編譯器 {0}',
  'a compiler': '編譯器',
  'the library {0}': '程式庫 {0}',
  'Add the apt package that brings lib{0}.so; its name mostly ends in "-dev".':
    '請加入提供 lib{0}.so 的 apt 套件；名稱多半以「-dev」結尾。',
  'the network, which builds do not get': '網路，而建置時不提供網路',
  'Take a version that brings all it needs along, or build a wheel of it elsewhere and name that.':
    '請用自帶所需內容的版本，或在別處建置 wheel 再指定它。',
  'the Python module {0}, which it does not declare': 'Python 模組 {0}，但它沒有宣告',
  'Take another version, or tell its makers to name it in [build-system] of pyproject.toml.':
    '請用其他版本，或請作者把它寫進 pyproject.toml 的 [build-system]。',
  '{0} cannot be built: it needs {1}': '無法建置 {0}：它需要 {1}',
  'The log tells what its build wrote. Try another version, or tell its makers.':
    '記錄中有建置輸出的內容。請試試其他版本，或通知套件作者。',
  'Try another version, or tell its makers.': '請試試其他版本，或通知套件作者。',
  '{0} cannot be built: {1}': '無法建置 {0}：{1}',
  'it ended with exit code {0}': '它以結束代碼 {0} 結束',
  'the Rust compiler (cargo)': 'Rust 編譯器（cargo）',
  'the header {0}': '標頭檔 {0}',
  'Add the apt package that brings {0}; its name mostly ends in "-dev".':
    '請加入提供 {0} 的 apt 套件；名稱多半以「-dev」結尾。',
  'Add the apt package {0}.': '請加入 apt 套件 {0}。',
  'Choose a base image that has it (on Debian: the package {0}).': '請選擇含有它的基底映像檔（Debian：套件 {0}）。',
  'Add the apt packages {0}.': '請加入這些 apt 套件：{0}。',
  'Choose a base image that has it (on Debian: the packages {0}).':
    '請選擇含有它的基底映像檔（Debian：這些套件 {0}）。',
  'its pyproject.toml is too large': '它的 pyproject.toml 太大',
  'it is not a gzipped tar archive': '它不是 gzip 壓縮的 tar 封存檔',
  'its pyproject.toml is not TOML': '它的 pyproject.toml 不是 TOML',
  'its pyproject.toml has no valid [build-system]': '它的 pyproject.toml 沒有有效的 [build-system]',
  '"{0}" is no requirement of its build': '「{0}」不是有效的建置需求',
  'its build requires "{0}" by URL': '它的建置以網址要求「{0}」',
  'Source is built in a sandbox, which cannot be opened: {0}': '從原始碼建置需要沙箱，但無法開啟：{0}',
  'The source archive of {0} says that it is "{1} {2}"': '{0} 的原始碼封存檔自稱是「{1} {2}」',
  'Take another version of the package.': '請用套件的其他版本。',
  '{0} ended its build without an error, but also without a result': '{0} 的建置沒有錯誤，但也沒有結果',
  'The build of {0} {1} gave "{2}", which is not a wheel of it for Python {3} on {4}':
    '{0} {1} 的建置產生「{2}」，它不是適用於 {4} 上 Python {3} 的 wheel',
  '{0} {1} is built from source, in a sandbox that cannot be opened: {2}':
    '{0} {1} 需從原始碼在沙箱中建置，但無法開啟沙箱：{2}',
  'Ask the administrator of this machine to install what is missing (on Debian: apt-get install buildah).':
    '請這台機器的管理員安裝缺少的程式（Debian：apt-get install buildah）。',
  '{0} {1} has no extra "{2}".': '{0} {1} 沒有 extra「{2}」。',
  '{0} is wanted by newer versions, but there is no wheel of it for this base and no source that can be built here: versions were taken that do without it.':
    '較新的版本需要 {0}，但沒有適用於此基底映像檔的 wheel，也沒有可在此建置的原始碼：已改用不需要它的版本。',
  '"{0}" is not a version (PEP 440)': '「{0}」不是版本（PEP 440）',
  '".*" goes with == and != only, not with {0}': '「.*」只能與 == 和 != 並用，不能與 {0} 並用',
  '".*" follows plain numbers only, as in ==1.2.*': '「.*」只能接在純數字之後，例如 ==1.2.*',
  'a local version ("+…") goes with == and != only, not with {0}':
    '本地版本（「+…」）只能與 == 和 != 並用，不能與 {0} 並用',
  '~= needs at least two numbers, as in ~={0}.0': '~= 至少需要兩個數字，例如 ~={0}.0',
  'no version': '沒有版本',
  'no URL': '沒有網址',
  'The package solver (uv) gave {0} for {1}': '套件求解器（uv）對 {1} 給出{0}',
  'The package solver (uv) does not tell its index: {0}': '套件求解器（uv）沒有提供它的索引：{0}',
  'The package solver (uv) failed: {0}': '套件求解器（uv）失敗：{0}',
  'There is nothing at the URL': '該網址沒有任何內容',
  'Check the URL.': '請檢查網址。',
  'The URL leads to an address that this service may not reach': '該網址指向此服務不可存取的位址',
  'The URL cannot be fetched: {0}': '無法取得該網址：{0}',
  'Check the URL, and that its host can be reached from here without a password.':
    '請檢查網址，並確認此處不需密碼即可連線到它的主機。',
  'The package index {0} cannot be reached: {1}': '無法連線到套件索引 {0}：{1}',
  'The package index {0} refuses us ({1})': '套件索引 {0} 拒絕存取（{1}）',
  'Check the network, the proxy variables and the address of the index.': '請檢查網路、代理變數與索引的位址。',
  'Check the credentials of the index, in UV_INDEX_URL or where the administrator set it up.':
    '請檢查 UV_INDEX_URL 或管理員設定中該索引的帳號密碼。',
  'Add that "name @ URL" as a line of its own.': '請把「name @ URL」另寫一行。',
  'Ask whoever keeps the package index to replace the file.': '請套件索引的維護者更換該檔案。',
  'There is only source that cannot be built here, or wheels for other Pythons and machines. Try another version.':
    '只有無法在此建置的原始碼，或適用於其他 Python 與機器的 wheel。請試試其他版本。',
  'Try another version, or a base image with a Python and a C library that its wheels are for.':
    '請試試其他版本，或選擇其 wheel 所適用的 Python 與 C 程式庫的基底映像檔。',
  'Allow another version of the package, or choose a base image with such a Python.':
    '請允許套件的其他版本，或選擇含有該 Python 的基底映像檔。',
  'Allow a version that there is.': '請允許現有的版本。',
  'Loosen or remove one of the lines that the reason names.': '請放寬或移除原因中提到的其中一行。',
  'Did you mean {0}?': '您是不是要找 {0}？',
  'There is no package "{0}" in the package index': '套件索引中沒有套件「{0}」',
  'Check the spelling; the name to install is not always the name to import.':
    '請檢查拼寫；安裝時的名稱不一定與匯入時相同。',
  'What the line asks for needs a package that cannot be had: {0}.': '這一行需要一個無法取得的套件：{0}。',
  'The package solver (uv) did not finish: {0}': '套件求解器（uv）沒有完成：{0}',
  'Solving the packages was cancelled': '已取消套件求解',
  'The package solver (uv) took longer than {0} s': '套件求解器（uv）超過 {0} 秒',
  'Try again; if it happens again, name versions in the lines so that there is less to search.':
    '請再試一次；若仍發生，請在各行寫出版本，以減少搜尋範圍。',
  'The package solver uv is not at {0}': '套件求解器 uv 不在 {0}',
  'Run "node scripts/setup.mjs", which puts it there.': '請執行「node scripts/setup.mjs」來安裝。',
  '"{0}" is in no part of its data directory': '「{0}」不在資料目錄的任何部分中',
  '"{0}" is for "{1}", and only {2} are known': '「{0}」屬於「{1}」，但只支援 {2}',
  'its RECORD does not list "{0}"': '它的 RECORD 沒有列出「{0}」',
  '"{0}" is corrupt: {1}': '「{0}」已損毀：{1}',
  'its RECORD lists "{0}" twice': '它的 RECORD 列出「{0}」兩次',
  'its RECORD lists "{0}", which is outside of it': '它的 RECORD 列出套件之外的「{0}」',
  'it has no "{0}"': '它沒有「{0}」',
  '"{0}" is not UTF-8': '「{0}」不是 UTF-8',
  '{0} cannot be installed: {1}': '無法安裝 {0}：{1}',
  'The wheel {0}': 'wheel {0}',
  'its METADATA says that it is "{0} {1}"': '它的 METADATA 自稱是「{0} {1}」',
  'its file name "{0}" is another\'s': '它的檔名「{0}」是別的套件的',
  'it has no .dist-info directory': '它沒有 .dist-info 目錄',
  'it has several .dist-info directories: {0}': '它有好幾個 .dist-info 目錄：{0}',
  'its metadata directory is "{0}"': '它的中繼資料目錄是「{0}」',
  'its WHEEL file tells no format version': '它的 WHEEL 檔沒有寫格式版本',
  'it is made in version {0} of the wheel format, and only 1 is known': '它使用 wheel 格式版本 {0}，但只支援 1',
  'there is none here': '此處沒有沙箱',
  'what its build requires cannot be had: {0}': '無法取得建置所需的套件：{0}',
  'its build requires {0}, of which there is no wheel for this Python':
    '它的建置需要 {0}，但沒有適用於此 Python 的 wheel',
  'it said too much': '輸出過多',
  'it was killed': '它被終止了',
  'no answer': '沒有回應',
};
