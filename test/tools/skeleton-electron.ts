/** Writes a folder that electron-builder takes for an unpacked Electron of macOS, so that packaging can be tested anywhere. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import plist, { type PlistObject } from 'plist';

/** The marker that Electron's binary carries before its fuses (electron/build/fuses/fuses.json5). */
const fuseSentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const fuseWireVersion = 1;
/** As Electron ships them: one digit for each fuse. */
const fuseDefaults = '101100101';

const contents = 'Electron.app/Contents';
const framework = `${contents}/Frameworks/Electron Framework.framework`;

/** What Electron's own Info.plist asks for, whether the app uses it or not, as far as this test cares. */
const templateExtras: PlistObject = {
  CFBundleIconFile: 'electron.icns',
  LSEnvironment: { MallocNanoZone: '0' },
  NSPrincipalClass: 'AtomApplication',
  NSBluetoothAlwaysUsageDescription: 'This app needs access to Bluetooth',
  NSBluetoothPeripheralUsageDescription: 'This app needs access to Bluetooth',
  NSCameraUsageDescription: 'This app needs access to the camera',
  NSMicrophoneUsageDescription: 'This app needs access to the microphone',
  NSAudioCaptureUsageDescription: 'This app needs access to audio capture',
};

export function writeSkeletonElectron(folder: string, version: string): void {
  const write = (file: string, content: string | Buffer, mode = 0o644) => {
    const target = path.join(folder, file);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, content, { mode });
  };
  const bundle = (name: string, id: string, extras: PlistObject = {}) =>
    plist.build({
      CFBundleDisplayName: name,
      CFBundleExecutable: name,
      CFBundleIdentifier: id,
      CFBundleInfoDictionaryVersion: '6.0',
      CFBundleName: name,
      CFBundlePackageType: 'APPL',
      CFBundleShortVersionString: version,
      CFBundleVersion: version,
      LSMinimumSystemVersion: '12.0',
      ...extras,
    });
  write('version', version);
  write('LICENSE', 'skeleton');
  write('LICENSES.chromium.html', 'skeleton');
  write(`${contents}/Info.plist`, bundle('Electron', 'com.github.Electron', templateExtras));
  write(`${contents}/PkgInfo`, 'APPL????');
  write(`${contents}/MacOS/Electron`, '#!/bin/sh\nexit 1\n', 0o755);
  // No default_app.asar: electron-builder hashes every archive there, and an empty one has no header.
  write(`${contents}/Resources/electron.icns`, Buffer.from('icns\0\0\0\x08', 'latin1'));
  for (const language of ['en', 'de']) write(`${contents}/Resources/${language}.lproj/locale.pak`, '');
  for (const kind of ['', ' (Renderer)', ' (GPU)', ' (Plugin)']) {
    const name = `Electron Helper${kind}`;
    write(
      `${contents}/Frameworks/${name}.app/Contents/Info.plist`,
      bundle(name, 'com.github.Electron.helper'),
    );
    write(`${contents}/Frameworks/${name}.app/Contents/MacOS/${name}`, '#!/bin/sh\nexit 1\n', 0o755);
  }
  write(
    `${framework}/Versions/A/Electron Framework`,
    Buffer.concat([
      Buffer.alloc(64),
      Buffer.from(fuseSentinel),
      Buffer.from([fuseWireVersion, fuseDefaults.length]),
      Buffer.from(fuseDefaults),
      Buffer.alloc(64),
    ]),
    0o755,
  );
  write(
    `${framework}/Versions/A/Resources/Info.plist`,
    bundle('Electron Framework', 'com.github.Electron.framework'),
  );
  const link = (target: string, at: string) => symlinkSync(target, path.join(folder, at));
  link('A', `${framework}/Versions/Current`);
  link('Versions/Current/Electron Framework', `${framework}/Electron Framework`);
  link('Versions/Current/Resources', `${framework}/Resources`);
}
