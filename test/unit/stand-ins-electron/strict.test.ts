import { expect, test } from 'vitest';
import { Strict, StrictEmitter, strict } from '../../stand-ins/electron/strict.ts';

class Thing extends StrictEmitter {
  #secret = 41;
  present = 1;
  reveal(): number {
    this.#secret += 1;
    return this.#secret;
  }
}

test('a member that the stand-in lacks throws and says its name', () => {
  const thing = new Thing('thing');
  expect(() => Reflect.get(thing, 'getFileIcon')).toThrow(
    'electron stand-in: thing.getFileIcon is not implemented',
  );
  expect(() => Reflect.get(new (class Other extends Strict {})(), 'x')).toThrow('Other.x is not implemented');
  expect(() => Reflect.get(strict('shell', { beep() {} }), 'trashItem')).toThrow(
    'shell.trashItem is not implemented',
  );
});

test('members, private fields, events and the usual object methods work', () => {
  const thing = new Thing('thing');
  const heard: unknown[] = [];
  thing.on('event', (value) => heard.push(value));
  thing.emit('event', 7);
  expect([thing.present, thing.reveal(), heard, String(thing)]).toEqual([1, 42, [7], '[object Object]']);
});

test('awaiting, inspecting and serialising one is harmless', async () => {
  const thing = new Thing('thing');
  expect(await thing).toBe(thing);
  expect(JSON.stringify(strict('s', { a: 1 }))).toBe('{"a":1}');
});
