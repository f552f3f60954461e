/** Names that people import, and what the package is called that gives them; by normalised name. */
const packageNames: Readonly<Record<string, string>> = {
  attr: 'attrs',
  bs4: 'beautifulsoup4',
  crypto: 'pycryptodome',
  cv2: 'opencv-python-headless',
  dateutil: 'python-dateutil',
  docx: 'python-docx',
  dotenv: 'python-dotenv',
  fitz: 'PyMuPDF',
  git: 'GitPython',
  googleapiclient: 'google-api-python-client',
  jwt: 'PyJWT',
  magic: 'python-magic',
  mysqldb: 'mysqlclient',
  openssl: 'pyOpenSSL',
  pil: 'pillow',
  pptx: 'python-pptx',
  serial: 'pyserial',
  skimage: 'scikit-image',
  sklearn: 'scikit-learn',
  usb: 'pyusb',
  yaml: 'PyYAML',
  zmq: 'pyzmq',
};

/** The package that is probably meant by an import name: `scikit-learn` for `sklearn`. */
export function packageOfImport(normalisedName: string): string | undefined {
  return packageNames[normalisedName];
}
