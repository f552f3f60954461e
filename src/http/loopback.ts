/** True for a host name that never leaves the machine: `localhost`, `127.0.0.0/8`, `[::1]`; as in `URL.hostname`, or without the brackets. */
export function isLoopbackHost(hostname: string): boolean {
  return /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\]|::1)$/i.test(hostname);
}
