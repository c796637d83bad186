/** `nativeImage`: PNG files with their `@2x` companions, kept as they are for the pages that draw them. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Strict } from './strict.ts';
import { asElectron } from './types.ts';

interface Representation {
  readonly png: Buffer;
  readonly width: number;
  readonly height: number;
}

/** What a page needs to draw an image. */
export interface ImageView {
  /** In points. */
  readonly width: number;
  readonly height: number;
  /** Only its shape and opacity count; the menu bar gives it its colour. */
  readonly template: boolean;
  /** `src` is a `data:` URL. */
  readonly representations: readonly { readonly scale: number; readonly src: string }[];
  /** File name without folder, for tests; empty when not from a file. */
  readonly fileName: string;
}

const pngSignature = Buffer.from('89504e470d0a1a0a', 'hex');

function pngRepresentation(png: Buffer): Representation {
  if (!png.subarray(0, 8).equals(pngSignature)) {
    throw new Error('electron stand-in: nativeImage knows PNG only');
  }
  return { png, width: png.readUInt32BE(16), height: png.readUInt32BE(20) };
}

function readPng(file: string): Representation | null {
  try {
    return pngRepresentation(readFileSync(file));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

type NativeImageMembers =
  | 'isEmpty'
  | 'getSize'
  | 'setTemplateImage'
  | 'isTemplateImage'
  | 'isMacTemplateImage'
  | 'addRepresentation'
  | 'getScaleFactors'
  | 'toPNG'
  | 'toDataURL';

export class NativeImageStandIn extends Strict implements Pick<Electron.NativeImage, NativeImageMembers> {
  isMacTemplateImage = false;
  readonly #representations = new Map<number, Representation>();
  #fileName = '';

  static createEmpty(): Electron.NativeImage {
    return asElectron<Electron.NativeImage>(new NativeImageStandIn('NativeImage'));
  }

  /** As Electron: a missing file gives an empty image, `@2x` is found by name, `…Template` makes it a template. */
  static createFromPath(file: string): Electron.NativeImage {
    const image = new NativeImageStandIn('NativeImage');
    const { dir, name, ext } = path.parse(file);
    for (const scale of [1, 2, 3]) {
      const found = readPng(scale === 1 ? file : path.join(dir, `${name}@${scale}x${ext}`));
      if (found !== null) image.#representations.set(scale, found);
    }
    image.#fileName = path.basename(file);
    image.isMacTemplateImage = /Template(@\dx)?$/.test(name);
    return asElectron<Electron.NativeImage>(image);
  }

  static createFromBuffer(
    buffer: Buffer,
    options: Electron.CreateFromBufferOptions = {},
  ): Electron.NativeImage {
    const image = new NativeImageStandIn('NativeImage');
    image.#representations.set(options.scaleFactor ?? 1, pngRepresentation(buffer));
    return asElectron<Electron.NativeImage>(image);
  }

  static createFromDataURL(url: string): Electron.NativeImage {
    return NativeImageStandIn.createFromBuffer(bytesOfDataUrl(url));
  }

  isEmpty(): boolean {
    return this.#representations.size === 0;
  }

  getSize(scaleFactor = 1): Electron.Size {
    const { width, height } = this.#sizeInPoints();
    return { width: width * scaleFactor, height: height * scaleFactor };
  }

  setTemplateImage(template: boolean): void {
    this.isMacTemplateImage = template;
  }

  isTemplateImage(): boolean {
    return this.isMacTemplateImage;
  }

  addRepresentation(options: Electron.AddRepresentationOptions): void {
    const png = options.buffer ?? (options.dataURL === undefined ? null : bytesOfDataUrl(options.dataURL));
    if (png === null) return;
    this.#representations.set(options.scaleFactor ?? 1, pngRepresentation(png));
  }

  getScaleFactors(): number[] {
    return [...this.#representations.keys()];
  }

  toPNG(options: Electron.ToPNGOptions = {}): Buffer {
    const found =
      this.#representations.get(options.scaleFactor ?? 1) ?? [...this.#representations.values()][0];
    return found?.png ?? Buffer.alloc(0);
  }

  toDataURL(options: Electron.ToDataURLOptions = {}): string {
    return `data:image/png;base64,${this.toPNG(options).toString('base64')}`;
  }

  view(): ImageView {
    return {
      ...this.#sizeInPoints(),
      template: this.isMacTemplateImage,
      representations: this.getScaleFactors().map((scaleFactor) => ({
        scale: scaleFactor,
        src: this.toDataURL({ scaleFactor }),
      })),
      fileName: this.#fileName,
    };
  }

  #sizeInPoints(): Electron.Size {
    const [first] = this.#representations;
    if (first === undefined) return { width: 0, height: 0 };
    const [scale, { width, height }] = first;
    return { width: Math.round(width / scale), height: Math.round(height / scale) };
  }
}

function bytesOfDataUrl(url: string): Buffer {
  const match = /^data:image\/png;base64,(.*)$/s.exec(url);
  if (match?.[1] === undefined)
    throw new Error('electron stand-in: nativeImage knows data:image/png;base64 only');
  return Buffer.from(match[1], 'base64');
}

/** Accepts what Electron accepts wherever an image is asked for. */
export function viewOfImage(image: Electron.NativeImage | string | undefined): ImageView | null {
  if (image === undefined) return null;
  const object: unknown = typeof image === 'string' ? NativeImageStandIn.createFromPath(image) : image;
  if (!(object instanceof NativeImageStandIn)) throw new TypeError('electron stand-in: not a NativeImage');
  return object.isEmpty() ? null : object.view();
}

export { NativeImageStandIn as nativeImage };
