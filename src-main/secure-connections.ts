/** Node's TLS, loaded for the first connection that needs it: it takes 2 MB, and while all is local there is none. */
import type https from 'node:https';
import type tls from 'node:tls';

export const loadHttps = (): typeof https => process.getBuiltinModule('node:https');
export const loadTls = (): typeof tls => process.getBuiltinModule('node:tls');
