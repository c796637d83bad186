/** What the commands of the window and the menu do that belong to no single room. */
import type { CloudControl } from '../cloud/cloud-control.ts';
import type { SettingsControl } from '../config/settings-control.ts';
import { fail, ok, problem, type Result } from '../contract/result.ts';
import type { LogRoom } from '../logs/log-room.ts';
import type { ModelHandlers } from '../models/room.ts';
import type { Setup } from '../setup/setup.ts';
import { copySecret, copyText } from '../shell/clipboard.ts';
import type { CommandHandlers } from '../shell/command-handler.ts';
import { openExternalLink } from '../shell/guards.ts';
import type { Mac } from '../shell/mac.ts';
import { openPlace } from '../shell/places.ts';
import type { UserQuit } from '../shell/quit-question.ts';
import type { Updates } from '../shell/updates.ts';
import { curlSample } from '../status/curl-sample.ts';
import { failureText } from '../status/summary.ts';
import { commandLineOf, commandText } from '../supervisor/command-text.ts';
import type { StackControl } from '../supervisor/stack-control.ts';
import type { EngineHandlers } from '../toolchain/types.ts';
import { appWords } from '../words/index.ts';
import { type Engine, inForce, openingStill, type Parts } from './parts.ts';

export function commandHandlers(
  parts: Parts,
  wish: UserQuit,
  engine: () => Engine | null,
  askMacAnew: () => void,
  showEngines: () => void,
): Omit<
  CommandHandlers,
  | keyof Mac['handlers']
  | keyof LogRoom['handlers']
  | keyof Updates['handlers']
  | keyof ModelHandlers
  | keyof Setup['handlers']
  | keyof EngineHandlers
> {
  const { paths, status, gatewayKey } = parts;
  const present = async <T>(act: (engine: Engine) => Promise<Result<T>>): Promise<Result<T>> => {
    const running = engine();
    return running === null ? fail(openingStill) : await act(running);
  };
  const control = (act: (control: StackControl) => Promise<Result<Record<string, never>>>) =>
    present((running) => act(running.control));
  const cloud = <T>(act: (control: CloudControl) => Promise<Result<T>>) =>
    present((running) => act(running.cloud));
  const settings = <T>(act: (handlers: SettingsControl['handlers']) => Promise<Result<T>>) =>
    present((running) => act(running.settings.handlers));
  const copy = (text: string) => {
    copyText(text);
    return ok({});
  };
  const command = (id: string) =>
    present(async ({ supervisor }) => {
      const found = supervisor.commandOf(id);
      return found === null ? fail(noSuchService) : ok(found);
    });
  return {
    'status.read': async () => ok(status.snapshot()),
    'app.keepRunning': async () => {
      wish.stay();
      return ok({});
    },
    'stack.start': () => control((stack) => stack.startAll()),
    'stack.stop': () => control((stack) => stack.stopAll()),
    'service.start': ({ id }) => control((stack) => stack.start(id)),
    'service.stop': ({ id }) => control((stack) => stack.stop(id)),
    'service.restart': ({ id }) => control((stack) => stack.restart(id)),
    'service.remedy': ({ id, kind }) => control((stack) => stack.remedy(id, kind)),
    'service.copyFailure': async ({ id }) => {
      const service = status.snapshot().services.find((one) => one.id === id);
      if (!service?.lastFailure) return fail(problem('no-failure', appWords.noFailureToCopy));
      return copy(failureText(service.name, service.lastFailure));
    },
    'service.readCommand': async ({ id }) => {
      const found = await command(id);
      if (!found.ok) return found;
      const { isStarted, spec } = found.value;
      return ok({
        isStarted,
        /** Arguments are the user's: a key that stands there by mistake is not shown once more. */
        text: parts.redactor.redact(commandText(found.value)),
        problem: 'missing' in spec.executable ? spec.executable.missing : null,
      });
    },
    'service.copyCommand': async ({ id }) => {
      const found = await command(id);
      return found.ok ? copy(parts.redactor.redact(commandLineOf(found.value))) : found;
    },
    'endpoint.copyAddress': async () => copy(status.snapshot().gateway.baseUrl),
    'endpoint.copyKey': async () => {
      copySecret(gatewayKey.read());
      return ok({});
    },
    'endpoint.copySample': async ({ tier }) => {
      const { gateway, services } = status.snapshot();
      if (!services.some(({ id, kind }) => id === tier && kind === 'tier')) return fail(noSuchService);
      copySecret(curlSample(gateway.baseUrl, tier, gatewayKey.read()));
      return ok({});
    },
    'gateway.rotateKey': () => present(({ keys }) => keys.rotateGatewayKey()),
    'keychain.askAgain': ({ account }) => present(({ keys }) => keys.askAgain(account)),
    'cloud.setKey': ({ key }) => cloud((control) => control.setKey(key)),
    'cloud.removeKey': () => cloud((control) => control.removeKey()),
    'cloud.checkKey': () => cloud((control) => control.checkKey()),
    'cloud.signIn': () => cloud((control) => control.signIn()),
    'cloud.cancelSignIn': () => cloud(async (control) => control.cancelSignIn()),
    'cloud.setOptions': (options) => cloud((control) => control.setOptions(options)),
    'cloud.listModels': () => cloud((control) => control.listModels()),
    'cloud.setModels': ({ ids }) => cloud((control) => control.setModels(ids)),
    'link.open': ({ link }) => openExternalLink(link),
    'settings.read': () => {
      // Start at login stands among them, and can have been changed in System Settings.
      askMacAnew();
      return settings((handlers) => handlers['settings.read']());
    },
    'settings.set': (input) => settings((handlers) => handlers['settings.set'](input)),
    'settings.reset': (input) => settings((handlers) => handlers['settings.reset'](input)),
    'settings.choosePath': (input) => settings((handlers) => handlers['settings.choosePath'](input)),
    'engines.show': async () => {
      showEngines();
      // Perhaps it was installed meanwhile.
      if (status.snapshot().engines.uv.state === 'missing')
        void engine()?.toolchain.handlers['engines.refresh']({});
      return ok({});
    },
    'notice.dismiss': ({ id }) =>
      control(async (stack) => {
        const dismissed = stack.dismiss(id);
        // What stands by itself is over with it: should it happen again, it is news.
        parts.board.withdraw(id);
        return dismissed;
      }),
    'place.open': ({ place }) => openPlace(place, inForce(paths, engine()?.config)),
  };
}

const noSuchService = problem('unknown-service', appWords.noSuchService);
