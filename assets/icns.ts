/** Packs images into Apple's `.icns` container, for which no tool is needed then; `iconutil` exists on macOS only. */

/** What an entry holds: from 64 pixels on a PNG, below that the channels one by one. */
export type IcnsImage =
  | { readonly kind: 'png'; readonly size: number; readonly png: Uint8Array }
  /** Not premultiplied, row by row, four bytes per pixel: red, green, blue, alpha. */
  | { readonly kind: 'rgba'; readonly size: number; readonly rgba: Uint8Array };

/**
 * The types that `iconutil` writes, by size in pixels. One size serves as itself and as the half size at 2x.
 * PNG in the entries of 16 and 32 pixels is shown scrambled in an app bundle, hence their own `ARGB` form.
 */
export const icnsTypes = [
  { size: 16, kind: 'rgba', types: ['ic04'] },
  { size: 32, kind: 'rgba', types: ['ic05'] },
  { size: 32, kind: 'png', types: ['ic11'] },
  { size: 64, kind: 'png', types: ['ic12'] },
  { size: 128, kind: 'png', types: ['ic07'] },
  { size: 256, kind: 'png', types: ['ic13', 'ic08'] },
  { size: 512, kind: 'png', types: ['ic14', 'ic09'] },
  { size: 1024, kind: 'png', types: ['ic10'] },
] as const;

const headerBytes = 8;
const minRun = 3;
const maxRun = 130;
const maxLiteral = 128;

/** The container with every type; throws when an image is missing, because an incomplete icon looks broken on some screen. */
export function packIcns(images: readonly IcnsImage[]): Buffer {
  const entries = icnsTypes.flatMap(({ size, kind, types }) => {
    const image = images.find((each) => each.size === size && each.kind === kind);
    if (image === undefined) throw new Error(`no ${kind} image of ${size} pixels`);
    const data = image.kind === 'png' ? Buffer.from(image.png) : packChannels(image.rgba, size);
    return types.map((type) => entry(type, data));
  });
  return entry('icns', Buffer.concat(entries));
}

function entry(type: string, data: Buffer): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.write(type, 0, 'latin1');
  header.writeUInt32BE(headerBytes + data.length, 4);
  return Buffer.concat([header, data]);
}

function packChannels(rgba: Uint8Array, size: number): Buffer {
  if (rgba.length !== size * size * 4) throw new Error(`an image of ${size} pixels has another length`);
  const channel = (offset: number) =>
    Uint8Array.from({ length: size * size }, (_, at) => rgba[at * 4 + offset] ?? 0);
  return Buffer.concat([Buffer.from('ARGB'), ...[3, 0, 1, 2].map((offset) => runLengths(channel(offset)))]);
}

/** Runs of 3 to 130 equal bytes as `length + 125, byte`; up to 128 others as `count - 1, bytes`. */
function runLengths(bytes: Uint8Array): Buffer {
  const packed: number[] = [];
  let literal: number[] = [];
  const flush = () => {
    if (literal.length > 0) packed.push(literal.length - 1, ...literal);
    literal = [];
  };
  for (let at = 0; at < bytes.length; ) {
    const value = bytes[at] ?? 0;
    let run = 1;
    while (run < maxRun && bytes[at + run] === value) run += 1;
    if (run >= minRun) {
      flush();
      packed.push(run + 125, value);
      at += run;
    } else {
      literal.push(value);
      at += 1;
      if (literal.length === maxLiteral) flush();
    }
  }
  flush();
  return Buffer.from(packed);
}
