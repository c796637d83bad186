/** Called by electron-builder before the app is signed: takes back what it adds to the Info.plist without being asked. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { AfterPackContext } from 'electron-builder';
import plist from 'plist';

/** electron-builder 26.17 writes `NSAllowsArbitraryLoads` for electron-updater's proxy of old; only loopback is spoken in clear. */
const transportSecurity = { NSAllowsLocalNetworking: true };

export default async function afterPack({ appOutDir, packager }: AfterPackContext): Promise<void> {
  const file = path.join(appOutDir, `${packager.appInfo.productFilename}.app`, 'Contents', 'Info.plist');
  const info = plist.parse(await readFile(file, 'utf8'));
  if (typeof info !== 'object') throw new Error(`${file} is not a dictionary`);
  await writeFile(file, plist.build({ ...info, NSAppTransportSecurity: transportSecurity }));
}
