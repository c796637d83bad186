import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const module = path.resolve(import.meta.dirname, '../../src-main/compilers.ts');

/** Whether TurboFan compiles what runs often, after each of the calls: bit 6 of V8's status (runtime.h, OptimizationStatus). */
function turboFanned(...calls: readonly string[]): boolean[] {
  const script = `
    import * as compilers from ${JSON.stringify(module)};
    const said = [];
    for (const call of ${JSON.stringify(calls)}) {
      compilers[call]();
      const hot = new Function('n', 'let sum = 0; for (let i = 0; i < n; i += 1) sum += i % 7; return sum;');
      const isTurboFanned = () => (%GetOptimizationStatus(hot) & 64) !== 0;
      for (let round = 0; round < 5_000 && !isTurboFanned(); round += 1) hot(10_000);
      said.push(isTurboFanned());
    }
    console.log(JSON.stringify(said));`;
  const flags = ['--no-warnings', '--allow-natives-syntax', '--no-concurrent-recompilation'];
  const output = execFileSync(process.execPath, [...flags, '--input-type=module', '--eval', script]);
  return JSON.parse(output.toString());
}

describe('the compilers of the main process', () => {
  it('can be left out from the first line on, and be used later', () => {
    expect(turboFanned('leaveOutLargeCompilers', 'useAllCompilers')).toEqual([false, true]);
  });
});
