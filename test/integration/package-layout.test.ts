/** What electron-builder makes of this project, packed around a hand-made Electron: layout, Info.plist, fuses, integrity, size. */
import { createHash } from 'node:crypto';
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { extractFile, getRawHeader, listPackage, statFile } from '@electron/asar';
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { execa } from 'execa';
import plist from 'plist';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { writeSkeletonElectron } from '../tools/skeleton-electron.ts';

const root = path.resolve(import.meta.dirname, '../..');
const electronVersion = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(path.join(root, 'node_modules/electron/package.json'), 'utf8'))).version;
const folder = mkdtempSync(path.join(os.tmpdir(), 'mlx-stack-package-'));
const app = path.join(folder, 'out/mac-arm64/MLX Stack.app');
const resources = path.join(app, 'Contents/Resources');
const archive = path.join(resources, 'app.asar');
const config = parse(readFileSync(path.join(root, 'electron-builder.yml'), 'utf8'));
const sizeBudgetBytes = 3 * 1024 * 1024;

const fusesWanted = [
  [FuseV1Options.RunAsNode, false],
  [FuseV1Options.EnableCookieEncryption, false],
  [FuseV1Options.EnableNodeOptionsEnvironmentVariable, false],
  [FuseV1Options.EnableNodeCliInspectArguments, false],
  [FuseV1Options.EnableEmbeddedAsarIntegrityValidation, true],
  [FuseV1Options.OnlyLoadAppFromAsar, true],
  [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot, false],
  [FuseV1Options.GrantFileProtocolExtraPrivileges, false],
] as const;

/** A proxy that nobody serves: what would fetch something fails instead. */
const noNetwork = Object.fromEntries(
  ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY'].map((name) => [name, 'http://127.0.0.1:9']),
);

beforeAll(async () => {
  writeSkeletonElectron(path.join(folder, 'electron'), electronVersion);
  const built = await execa(
    process.execPath,
    [
      path.join(root, 'node_modules/electron-builder/cli.js'),
      ...['--mac', 'dir', '--arm64', '--publish', 'never'],
      `-c.electronDist=${path.join(folder, 'electron')}`,
      `-c.electronVersion=${electronVersion}`,
      `-c.directories.output=${path.join(folder, 'out')}`,
      '-c.mac.identity=null',
      '-c.mac.notarize=false',
      // A skeleton cannot be signed, and only a Mac could do it.
      '-c.electronFuses.resetAdHocDarwinSignature=false',
    ],
    { cwd: root, env: { ...noNetwork, CSC_IDENTITY_AUTO_DISCOVERY: 'false' }, reject: false, all: true },
  );
  expect(built.all).not.toMatch(/⨯|default Electron icon/);
  expect(built.exitCode).toBe(0);
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Files only: an archive lists its folders too. */
function packed(): string[] {
  return listPackage(archive, { isPack: false })
    .map((file) => file.slice(1))
    .filter((file) => !('files' in statFile(archive, file, false)));
}

function filesBelow(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(dir, path.join(entry.parentPath, entry.name)));
}

const infoPlist = (file: string) =>
  z.record(z.string(), z.unknown()).parse(plist.parse(readFileSync(file, 'utf8')));
const info = () => infoPlist(path.join(app, 'Contents/Info.plist'));

describe('the archive', () => {
  it('holds the bundles, the catalogue, the tray images and keytar, and nothing else', () => {
    const files = packed().map((file) => file.replace(/\b(index|others)-[\w-]{8}\./, '$1-*.'));
    expect(files.filter((file) => !file.startsWith('assets/')).toSorted()).toEqual([
      'dist/hasher/hasher.cjs',
      'dist/main/cloud.cjs',
      'dist/main/contract.cjs',
      'dist/main/foundation.cjs',
      'dist/main/libraries.cjs',
      'dist/main/main.cjs',
      'dist/main/models.cjs',
      'dist/main/rolldown-runtime.cjs',
      'dist/main/supervisor.cjs',
      'dist/main/v8-flags.cjs',
      'dist/main/words.cjs',
      'dist/main/yaml.cjs',
      'dist/main/zod.cjs',
      'dist/preload/preload.cjs',
      'dist/reader/reader.cjs',
      'dist/renderer/assets/index-*.css',
      'dist/renderer/assets/index-*.js',
      'dist/renderer/assets/others-*.js',
      'dist/renderer/index.html',
      'dist/updater/updater.cjs',
      'node_modules/keytar/LICENSE.md',
      'node_modules/keytar/lib/keytar.js',
      'node_modules/keytar/package.json',
      'node_modules/keytar/prebuilds/darwin-arm64/keytar.node',
      'package.json',
    ]);
    expect(files.filter((file) => file.startsWith('assets/catalogue/')).toSorted()).toEqual(
      readdirSync(path.join(root, 'assets/catalogue'))
        .map((file) => `assets/catalogue/${file}`)
        .toSorted(),
    );
    const images = files.filter((file) => file.startsWith('assets/tray/'));
    expect(images.every((file) => /-Template(@2x)?\.png$/.test(file))).toBe(true);
    expect(files).toContain('assets/engines.yaml');
    expect(files.filter((file) => file.startsWith('assets/'))).toHaveLength(
      images.length + readdirSync(path.join(root, 'assets/catalogue')).length + 1,
    );
    expect(images).toHaveLength(
      readdirSync(path.join(root, 'assets/tray')).filter((file) => file.endsWith('.png')).length,
    );
  });

  it('has keytar’s native part beside it, for the processor it runs on, and nothing else', () => {
    const unpacked = `${archive}.unpacked`;
    const native = filesBelow(unpacked);
    expect(native).toEqual(['node_modules/keytar/prebuilds/darwin-arm64/keytar.node']);
    const machO = readFileSync(path.join(unpacked, native[0] ?? ''));
    expect(machO.readUInt32LE(0)).toBe(0xfeedfacf);
    const cpuTypeArm64 = 0x0100000c;
    expect(machO.readUInt32LE(4)).toBe(cpuTypeArm64);
  });

  it('names the main bundle and carries neither scripts nor development packages', () => {
    const manifest = z
      .looseObject({ main: z.string() })
      .parse(JSON.parse(extractFile(archive, 'package.json').toString()));
    expect(packed()).toContain(manifest.main);
    expect(Object.keys(manifest)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(devDependencies|scripts)$/)]),
    );
  });

  it('keeps our part of the package within its budget', () => {
    const ours = [archive, path.join(resources, 'icon.icns')].map((file) => statSync(file).size);
    const unpacked = filesBelow(`${archive}.unpacked`).map(
      (file) => statSync(path.join(`${archive}.unpacked`, file)).size,
    );
    expect([...ours, ...unpacked].reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(sizeBudgetBytes);
  });
});

describe('the Info.plist', () => {
  it('makes a menu-bar app of it, under its constant name', () => {
    expect(info()).toMatchObject({
      CFBundleIdentifier: 'io.github.mlx-stack.app',
      CFBundleExecutable: 'MLX Stack',
      CFBundleName: 'MLX Stack',
      CFBundleIconFile: 'icon.icns',
      LSApplicationCategoryType: 'public.app-category.developer-tools',
      LSMinimumSystemVersion: '13.0',
      LSUIElement: true,
      NSRequiresAquaSystemAppearance: false,
    });
  });

  it('asks for nothing that the app does not use', () => {
    expect(Object.keys(info()).filter((key) => key.endsWith('UsageDescription'))).toEqual([]);
  });

  it('allows clear HTTP to this Mac only', () => {
    expect(info()['NSAppTransportSecurity']).toEqual({ NSAllowsLocalNetworking: true });
  });

  it('has the hash of the archive’s header, so that Electron refuses another', () => {
    const { headerString } = getRawHeader(archive);
    const hash = createHash('sha256').update(headerString).digest('hex');
    expect(info()['ElectronAsarIntegrity']).toEqual({ 'Resources/app.asar': { algorithm: 'SHA256', hash } });
  });

  it('of each helper follows the app’s name', () => {
    const frameworks = path.join(app, 'Contents/Frameworks');
    const helpers = readdirSync(frameworks).filter((name) => name.endsWith('.app'));
    expect(helpers).toHaveLength(4);
    for (const helper of helpers) {
      const { CFBundleIdentifier, CFBundleExecutable } = infoPlist(
        path.join(frameworks, helper, 'Contents/Info.plist'),
      );
      expect(CFBundleIdentifier).toMatch(/^io\.github\.mlx-stack\.app\.helper/);
      expect(`${CFBundleExecutable}.app`).toBe(helper);
    }
  });
});

describe('the bundle', () => {
  it('has its fuses set', async () => {
    const wire = await getCurrentFuseWire(app);
    const read = fusesWanted.map(([fuse]) => [fuse, String.fromCharCode(wire[fuse] ?? 0)]);
    expect(read).toEqual(fusesWanted.map(([fuse, on]) => [fuse, on ? '1' : '0']));
  });

  it('is set up to be signed: hardened, with JIT as the one entitlement, and ad hoc where there is no certificate', () => {
    const file = path.join(root, 'assets/entitlements.mac.plist');
    expect(plist.parse(readFileSync(file, 'utf8'))).toEqual({ 'com.apple.security.cs.allow-jit': true });
    expect(config.mac).toMatchObject({
      hardenedRuntime: true,
      entitlements: path.relative(root, file),
      entitlementsInherit: path.relative(root, file),
      notarize: true,
    });
    // Changed fuses break the signature that Electron comes with.
    expect(config.electronFuses.resetAdHocDarwinSignature).toBe(true);
  });

  it('is set up to be a dmg and a zip, for Apple silicon alone', () => {
    expect(config.mac.target).toEqual([
      { target: 'dmg', arch: ['arm64'] },
      { target: 'zip', arch: ['arm64'] },
    ]);
  });

  it('is set up for updates: from the project’s own releases, which come as a zip', () => {
    // electron-builder writes app-update.yml beside the archive with the zip only, which takes a Mac.
    expect(config.publish).toEqual({ provider: 'github', owner: 'mlx-stack', repo: 'mlx-stack' });
    expect(config.mac.target).toContainEqual({ target: 'zip', arch: ['arm64'] });
    // electron-updater tells by its name which file is for Apple silicon, and GitHub renames what holds a blank.
    expect(config.artifactName).toMatch(/^[\w.${}-]*\$\{arch\}\.\$\{ext\}$/);
  });

  it('carries one language and the app’s own icon', () => {
    expect(readdirSync(resources).filter((name) => name.endsWith('.lproj'))).toEqual(['en.lproj']);
    expect(readFileSync(path.join(resources, 'icon.icns'))).toEqual(
      readFileSync(path.join(root, 'assets/icon/icon.icns')),
    );
    expect(readdirSync(resources)).not.toContain('electron.icns');
  });

  it('keeps the framework’s links, without which the signature does not hold', () => {
    const framework = path.join(app, 'Contents/Frameworks/Electron Framework.framework');
    for (const link of ['Electron Framework', 'Resources', 'Versions/Current']) {
      expect(lstatSync(path.join(framework, link)).isSymbolicLink()).toBe(true);
    }
  });
});
