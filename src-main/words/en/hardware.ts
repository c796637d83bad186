/** Which Mac this is, or that it is none. */
export const cannotTell = 'The system does not say which chip and how much memory this computer has.';
export const needsAppleSilicon = 'MLX Stack needs a Mac with Apple silicon.';
export const notAppleSilicon = (processor: string | null) =>
  `This computer has ${processor === null ? 'another processor' : `the processor “${processor}”`}, but MLX runs on Apple silicon only.`;
export const useLaterMac = 'Use a Mac with an M1 or a later chip.';
export const notAMac = 'MLX Stack needs a Mac with Apple silicon, and this is none.';
export const profileTakesItsPlace = 'A profile.json in the MLX Stack folder takes the place of one.';
