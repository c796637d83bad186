/** The bridge: two functions for the allowed names, and no other way out of the sandbox. */
import { contextBridge, type IpcRendererEvent, ipcRenderer } from 'electron';
import { bridgeKey, commandChannel, eventChannel } from './contract/bridge.ts';
import type { CommandName } from './contract/commands.ts';
import type { EventName } from './contract/events.ts';

/** Written out here so that the schemas stay outside; the types keep the lists complete. */
const commandNames: Record<CommandName, true> = {
  'status.read': true,
  'app.keepRunning': true,
  'stack.start': true,
  'stack.stop': true,
  'service.start': true,
  'service.stop': true,
  'service.restart': true,
  'service.remedy': true,
  'service.copyFailure': true,
  'service.readCommand': true,
  'service.copyCommand': true,
  'endpoint.copyAddress': true,
  'endpoint.copyKey': true,
  'endpoint.copySample': true,
  'gateway.rotateKey': true,
  'keychain.askAgain': true,
  'cloud.setKey': true,
  'cloud.removeKey': true,
  'cloud.checkKey': true,
  'cloud.signIn': true,
  'cloud.cancelSignIn': true,
  'cloud.setOptions': true,
  'cloud.listModels': true,
  'cloud.setModels': true,
  'link.open': true,
  'login.set': true,
  'login.openSettings': true,
  'login.removeWatchdog': true,
  'power.setKeepAwake': true,
  'menuBar.openSettings': true,
  'log.list': true,
  'log.page': true,
  'log.find': true,
  'log.count': true,
  'log.cancel': true,
  'log.highlight': true,
  'log.entry': true,
  'log.watch': true,
  'log.save': true,
  'log.reveal': true,
  'log.rotate': true,
  'log.deleteArchives': true,
  'models.list': true,
  'models.browse': true,
  'models.lookUp': true,
  'models.details': true,
  'models.download': true,
  'models.pauseDownload': true,
  'models.resumeDownload': true,
  'models.cancelDownload': true,
  'models.verify': true,
  'models.cancelVerify': true,
  'models.downloadAgain': true,
  'models.delete': true,
  'models.reveal': true,
  'models.addFolder': true,
  'models.removeFolder': true,
  'models.setToken': true,
  'models.removeToken': true,
  'setup.plan': true,
  'setup.begin': true,
  'setup.cancel': true,
  'setup.retry': true,
  'setup.finish': true,
  'stack.addTier': true,
  'stack.removeTier': true,
  'stack.renameTier': true,
  'stack.swapModel': true,
  'stack.setContext': true,
  'stack.weighTier': true,
  'stack.measureSpeed': true,
  'engines.refresh': true,
  'engines.install': true,
  'engines.cancel': true,
  'engines.rollBack': true,
  'engines.installUv': true,
  'engines.useFound': true,
  'engines.show': true,
  'settings.read': true,
  'settings.set': true,
  'settings.reset': true,
  'settings.choosePath': true,
  'notice.dismiss': true,
  'update.check': true,
  'update.install': true,
  'place.open': true,
};
const eventNames: Record<EventName, true> = {
  'status.changed': true,
  'view.chosen': true,
  'log.grew': true,
  'settings.changed': true,
  'window.visibilityChanged': true,
};

contextBridge.exposeInMainWorld(bridgeKey, {
  call(name: string, input: unknown): Promise<unknown> {
    if (!Object.hasOwn(commandNames, name)) return Promise.reject(new Error('Unknown command.'));
    return ipcRenderer.invoke(commandChannel, name, input);
  },
  on(name: string, listener: (payload: unknown) => void): () => void {
    if (!Object.hasOwn(eventNames, name)) throw new Error('Unknown event.');
    const receive = (_event: IpcRendererEvent, sent: unknown, payload: unknown): void => {
      if (sent === name) listener(payload);
    };
    ipcRenderer.on(eventChannel, receive);
    return () => ipcRenderer.removeListener(eventChannel, receive);
  },
});
