/** Reads the pixels of a PNG, how opaque each is, and whether any has a colour: as macOS looks at a template image. */
import { inflateSync } from 'node:zlib';

export interface Picture {
  readonly width: number;
  /** 0 to 255, row by row. */
  readonly alpha: readonly number[];
  readonly isBlack: boolean;
  /** Red, green, blue and alpha of each. */
  readonly pixels: Buffer;
}

const headerBytes = 8;
const pixelBytes = 4;

/** Of PNGs as Chromium writes them: eight bits for each of four channels, not interlaced. Throws for others. */
export function readPicture(png: Buffer): Picture {
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  if (png.toString('hex', 24, 29) !== '0806000000') throw new Error('not a plain PNG with four channels');
  const pixels = unfilter(inflateSync(dataOf(png)), width * pixelBytes, height);
  const alpha = Array.from({ length: width * height }, (_, at) => pixels[at * pixelBytes + 3] ?? 0);
  const isBlack = alpha.every((value, at) => value === 0 || pixels.readUIntBE(at * pixelBytes, 3) === 0);
  return { width, alpha, isBlack, pixels };
}

function dataOf(png: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = headerBytes; at < png.length; ) {
    const length = png.readUInt32BE(at);
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') parts.push(png.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  return Buffer.concat(parts);
}

/** Each byte is stored as the difference from what its row's filter foretells. */
function unfilter(stored: Buffer, rowBytes: number, rows: number): Buffer {
  const out = Buffer.alloc(rowBytes * rows);
  for (let y = 0; y < rows; y++) {
    const start = y * (rowBytes + 1);
    const filter = stored.readUInt8(start);
    for (let x = 0; x < rowBytes; x++) {
      const at = y * rowBytes + x;
      const left = x < pixelBytes ? 0 : out.readUInt8(at - pixelBytes);
      const above = y === 0 ? 0 : out.readUInt8(at - rowBytes);
      const corner = x < pixelBytes || y === 0 ? 0 : out.readUInt8(at - rowBytes - pixelBytes);
      out[at] = (stored.readUInt8(start + 1 + x) + foretell(filter, left, above, corner)) & 0xff;
    }
  }
  return out;
}

function foretell(filter: number, left: number, above: number, corner: number): number {
  switch (filter) {
    case 0:
      return 0;
    case 1:
      return left;
    case 2:
      return above;
    case 3:
      return (left + above) >> 1;
    case 4: {
      const guess = left + above - corner;
      const [a, b, c] = [left, above, corner].map((value) => Math.abs(guess - value));
      if (a === undefined || b === undefined || c === undefined) return 0;
      if (a <= b && a <= c) return left;
      return b <= c ? above : corner;
    }
    default:
      throw new Error(`there is no filter ${filter}`);
  }
}
