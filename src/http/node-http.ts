import type httpModule from 'node:http';
import type httpsModule from 'node:https';

/*
 * Node's HTTP modules, not by `import`: that looks at all they export, and one of these is a getter that loads the whole of `fetch` and
 * `WebSocket`, which takes half of what a command needs to start.
 */

export const http: typeof httpModule = process.getBuiltinModule('node:http');
export const https: typeof httpsModule = process.getBuiltinModule('node:https');
