import { expect, test } from 'vitest';
import { app } from '../../stand-ins/electron/app.ts';
import { originOf, protocol, toAppUrl, toChromiumUrl } from '../../stand-ins/electron/protocol.ts';

test('schemes before ready, handlers after; Chromium sees http, the app its own scheme', async () => {
  const handler = () => new Response('served');
  expect(() => protocol.handle('app', handler)).toThrow('before app is ready');
  protocol.registerSchemesAsPrivileged([{ scheme: 'app', privileges: { standard: true, secure: true } }]);
  app.becomeReady();
  expect(() => protocol.registerSchemesAsPrivileged([])).toThrow('before app is ready');
  expect(() => app.enableSandbox()).toThrow('before app is ready');
  expect(() => protocol.handle('other', handler)).toThrow('standard scheme');
  protocol.handle('app', handler);
  expect(() => protocol.handle('app', handler)).toThrow('Failed to register protocol');

  expect(toChromiumUrl('app://ui/a/b?c#d')).toBe('http://ui.app.localhost/a/b?c#d');
  expect(toAppUrl('http://ui.app.localhost/a/b?c#d')).toBe('app://ui/a/b?c#d');
  expect(toChromiumUrl('https://example.com/')).toBe('https://example.com/');
  expect(toAppUrl('http://ui.other.localhost/')).toBe('http://ui.other.localhost/');
  expect(toAppUrl('http://ui.app.localhost.example.com/')).toBe('http://ui.app.localhost.example.com/');
  expect([originOf('app://ui/a'), originOf('data:text/html,x')]).toEqual(['app://ui', 'null']);

  const request = { method: 'GET', headers: {}, body: null };
  expect(await (await protocol.respond('app://ui/x', request))?.text()).toBe('served');
  expect(await protocol.respond('https://example.com/', request)).toBeNull();
});
